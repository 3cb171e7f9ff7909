// Who has followed a switch, by renderers' records as common/README.md has them.
#include <doctest/doctest.h>

#include <set>

#include "common/deploy/followers.h"
#include "common/drain/word.h"

using namespace longshore;
using namespace longshore::deploy;

namespace {

const std::string kFolder = "longshore/renderers/";
const Switch kSwitch{"b", "green", "b-blue", "b-green"};
// Colours by tag or Meta: one service.
const Switch kByTag{"b", "green", "b", "b"};

consul::KvPair record(const std::string& id, std::uint64_t generation, std::map<std::string, std::uint64_t> settled,
                      bool lives = true) {
  drain::RendererWord word;
  word.generation = word.settled_generation = generation;
  for (const auto& [name, index] : settled) word.services[name].settled.index = index;
  consul::KvPair pair;
  pair.key = kFolder + id;
  pair.value = drain::encode(word);
  pair.session = lives ? "session" : "";
  return pair;
}

}  // namespace

TEST_CASE("followers are those that use the old colour, and those that cannot be understood") {
  consul::KvPair broken;
  broken.key = kFolder + "broken";
  broken.value = "{";
  consul::KvPair folder;
  folder.key = kFolder;
  drain::RendererWord beginning;
  beginning.starting = true;
  consul::KvPair starting = folder;
  starting.key = kFolder + "starting";
  starting.value = drain::encode(beginning);
  const std::vector<Follower> found =
      followers_of({record("lb-1", 3, {{"b-blue", 5}}), record("lb-2", 4, {{"other", 5}}), broken, folder, starting},
                   kFolder, kSwitch);
  CHECK(found == std::vector<Follower>{{"lb-1", 3}, {"broken", 0}, {"starting", 0}});
}

TEST_CASE("when a renderer has followed") {
  const std::vector<Follower> one{{"lb", 3}};
  const auto is = [&](const std::vector<consul::KvPair>& records) {
    return to_string(following_of(records, kFolder, one, kSwitch));
  };
  CHECK(is({record("lb", 3, {{"b-blue", 5}})}) == "waiting for lb");
  CHECK(is({record("lb", 3, {{"b-blue", 5}, {"b-green", 0}})}) == "waiting for lb");
  // The generation of before may have had both.
  CHECK(is({record("lb", 3, {{"b-blue", 5}, {"b-green", 9}})}) == "waiting for lb");
  CHECK(is({record("lb", 3, {{"b-green", 9}})}) == "");
  CHECK(is({record("lb", 4, {{"b-blue", 5}, {"b-green", 9}})}) == "");
  CHECK(is({record("lb", 4, {{"b-blue", 5}})}) == "waiting for lb");
  CHECK(is({record("lb", 3, {{"b-blue", 5}}, false)}) == "missing: lb");
  // It followed and ended then: its server has the new colour.
  CHECK(is({record("lb", 4, {{"b-green", 5}}, false)}) == "");
  CHECK(is({}) == "");
  CHECK(is({record("lb", 4, {{"other", 5}})}) == "");
  drain::RendererWord beginning;
  beginning.starting = true;
  consul::KvPair again = record("lb", 0, {});
  again.value = drain::encode(beginning);
  CHECK(is({again}) == "waiting for lb");
  consul::KvPair broken = record("lb", 4, {});
  broken.value = "[]";
  CHECK(is({broken}) == "missing: lb");
}

TEST_CASE("who says for which colour he has rendered is believed") {
  const auto with = [](std::set<std::string> colors, std::map<std::string, std::uint64_t> settled,
                       std::uint64_t generation) {
    consul::KvPair pair = record("lb", generation, std::move(settled));
    drain::RendererWord word = drain::decode(pair.value).value();
    word.colors["b"] = std::move(colors);
    pair.value = drain::encode(word);
    return std::vector<consul::KvPair>{pair};
  };
  const std::vector<Follower> one{{"lb", 3}};
  const auto is = [&](const std::vector<consul::KvPair>& records, const Switch& change) {
    return to_string(following_of(records, kFolder, one, change));
  };
  // By name: it has both while a canary runs.
  CHECK(is(with({"blue"}, {{"b-blue", 5}, {"b-green", 9}}, 4), kSwitch) == "waiting for lb");
  CHECK(is(with({"green"}, {{"b-green", 9}}, 4), kSwitch) == "");
  CHECK(is(with({"green"}, {{"b-green", 0}}, 4), kSwitch) == "waiting for lb");
  // Another generation, for another reason, is no word about the switch; and the switch need not take another one.
  CHECK(is(with({"blue"}, {{"b", 9}}, 4), kByTag) == "waiting for lb");
  CHECK(is(with({"green"}, {{"b", 9}}, 3), kByTag) == "");
  // One of its files is not there yet.
  CHECK(is(with({"blue", "green"}, {{"b", 9}}, 4), kByTag) == "waiting for lb");
  CHECK(followers_of(with({"blue"}, {}, 3), kFolder, kSwitch) == one);
}

TEST_CASE("the first colour is followed by those that use it by now, or ask for the colour") {
  const drain::Expected fresh{"b-blue", "dc1", 10, 77};
  const Switch first{"b", "blue", "", "b-blue"};
  const auto is = [&](const std::vector<consul::KvPair>& records) {
    const Following found = first_following_of(records, kFolder, first, fresh);
    std::string text = std::to_string(found.renderers) + ":";
    for (const std::string& id : found.settled) text += " " + id;
    return text + "; " + to_string(found);
  };
  const auto asks = [](std::set<std::string> colors, std::map<std::string, std::uint64_t> settled) {
    consul::KvPair pair = record("lb", 1, std::move(settled));
    drain::RendererWord word = *drain::decode(pair.value);
    word.colors["b"] = std::move(colors);
    pair.value = drain::encode(word);
    return pair;
  };
  CHECK(is({}) == "0:; ");
  CHECK(is({record("lb", 1, {{"other", 3}})}) == "1:; ");
  CHECK(is({record("lb", 1, {{"b-blue", 3}}), record("two", 1, {{"b-blue", 10}})}) == "2: two; waiting for lb");
  CHECK(is({record("lb", 1, {{"b-blue", 3}}, false)}) == "1:; missing: lb");
  CHECK(is({record("lb", 1, {{"b-blue", 11}})}) == "1: lb; ");
  CHECK(is({asks({""}, {{"b-none", 3}})}) == "1:; waiting for lb");
  CHECK(is({asks({"blue"}, {{"b-blue", 3}})}) == "1:; waiting for lb");
  CHECK(is({asks({"blue"}, {{"b-blue", 10}})}) == "1: lb; ");
  CHECK(is({asks({"", "blue"}, {{"b-blue", 10}})}) == "1:; waiting for lb");
}
