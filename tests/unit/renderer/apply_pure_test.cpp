// Budget, sections, hunt, complaints.
#include <doctest/doctest.h>

#include <set>

#include "common/policy/random.h"
#include "renderer/apply/budget.h"
#include "renderer/apply/complaint.h"
#include "renderer/apply/hunt.h"
#include "renderer/apply/removal.h"
#include "renderer/apply/sections.h"

using namespace longshore;
using namespace longshore::render::apply;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

base::TimePoint at(base::Duration since) {
  return base::TimePoint(seconds(1000)) + since;
}

// The tree is bad while one of these is in it; `named`: the message tells which.
std::set<std::size_t> caught(std::size_t units, const std::set<std::size_t>& bad, bool named, int& trials) {
  const auto first_bad = [&](const std::vector<bool>& excluded) -> std::optional<std::size_t> {
    for (const std::size_t one : bad)
      if (!excluded[one]) return one;
    return std::nullopt;
  };
  const auto told = [&](std::optional<std::size_t> one) { return named ? one : std::nullopt; };
  Hunt hunt(units, told(first_bad(std::vector<bool>(units))));
  trials = 0;
  while (hunt.state() == Hunt::State::trying && trials < 1000) {
    ++trials;
    const auto culprit = first_bad(hunt.excluded());
    hunt.tried(!culprit, told(culprit));
  }
  CHECK(hunt.state() == Hunt::State::found);
  std::set<std::size_t> out;
  for (std::size_t i = 0; i < units; ++i)
    if (hunt.excluded()[i]) out.insert(i);
  return out;
}

constexpr const char* kText =
    "head\n# longshore:part web\nserver { bad; }\n# longshore:else\n# server { return 503; }\n# longshore:end\n"
    "# longshore:part api\nserver { good; }\n# longshore:end\ntail\n";

}  // namespace

TEST_CASE("within any minute no more than the budget, and not much less") {
  for (const int most : {10, 29, 30, 300, 6000})
    for (const bool removal : {true, false}) {
      Budget budget({.per_minute = most, .generations = 8});
      std::vector<base::TimePoint> spent;
      for (base::TimePoint now = at(seconds(0)); now < at(seconds(150)); now += milliseconds(1)) {
        if (budget.ready_at(now, removal) > now) continue;
        budget.spend(now);
        spent.push_back(now);
      }
      const auto count = static_cast<std::size_t>(most);
      for (std::size_t i = 0; i + count + 1 <= spent.size(); ++i)
        CHECK(spent[i + count] - spent[i] >= milliseconds(59990));
      CHECK(spent.size() > 2 * count);
    }
}

TEST_CASE("a removal waits for one slot, an addition leaves a reserve") {
  Budget budget({.per_minute = 300, .generations = 8});
  for (int i = 0; i < 10; ++i) budget.spend(at(seconds(0)));
  CHECK(budget.ready_at(at(seconds(0)), true) - at(seconds(0)) < milliseconds(210));
  CHECK(budget.ready_at(at(seconds(0)), false) - at(seconds(0)) > seconds(1));
}

TEST_CASE("too many generations hold additions, not removals") {
  Budget budget({.per_minute = 300, .generations = 8});
  budget.saw_generations(8);
  CHECK(budget.ready_at(at(seconds(0)), true) <= at(seconds(0)));
  CHECK(budget.ready_at(at(seconds(0)), false) > at(seconds(0)));
  CHECK(budget.surplus() == 0);
  budget.saw_generations(10);
  CHECK(budget.surplus() == 2);
}

TEST_CASE("a message that names its place costs one trial per culprit, bisection a logarithm") {
  int trials = 0;
  CHECK(caught(100, {37}, true, trials) == std::set<std::size_t>{37});
  CHECK(trials == 1);
  CHECK(caught(100, {0, 37, 99}, true, trials) == std::set<std::size_t>{0, 37, 99});
  CHECK(trials == 3);
  CHECK(caught(100, {37}, false, trials) == std::set<std::size_t>{37});
  CHECK(trials <= 9);
  CHECK(caught(1, {0}, false, trials) == std::set<std::size_t>{0});
}

TEST_CASE("whatever the culprits, they are found and nothing else") {
  policy::Random random(20261126);
  for (int round = 0; round < 300; ++round) {
    const auto pick = [&](std::size_t most) {
      return static_cast<std::size_t>(random.chance() * static_cast<double>(most));
    };
    const std::size_t units = 1 + pick(40);
    std::set<std::size_t> bad;
    for (std::size_t i = 0; i <= pick(4); ++i) bad.insert(pick(units));
    int trials = 0;
    CAPTURE(round);
    CHECK(caught(units, bad, round % 2 == 0, trials) == bad);
  }
}

TEST_CASE("a tree that is bad without all units is hopeless") {
  Hunt hunt(3, std::nullopt);
  hunt.tried(false, std::nullopt);
  CHECK(hunt.state() == Hunt::State::hopeless);
  CHECK(Hunt(0, std::nullopt).state() == Hunt::State::hopeless);
}

TEST_CASE("sections are found with what takes their place") {
  const auto sections = sections_of(kText);
  REQUIRE(sections.size() == 2);
  CHECK(sections[0].name == "web");
  CHECK(sections[0].fallback == "server { return 503; }\n");
  CHECK(sections[1].name == "api");
  CHECK(sections[1].fallback.empty());
  CHECK(section_at(sections, kText, 3)->name == "web");
  CHECK(section_at(sections, kText, 8)->name == "api");
  CHECK(section_at(sections, kText, 1) == nullptr);
  CHECK(section_at(sections, kText, 99) == nullptr);
  CHECK(sections_of("# longshore:part a\nx\n").empty());
}

TEST_CASE("a section's place is taken by its good form, its fallback, or nothing") {
  const std::string rest = "# longshore:part api\nserver { good; }\n# longshore:end\ntail\n";
  CHECK(without_sections(kText, {"web"}, "") ==
        "head\n# longshore:part web\nserver { return 503; }\n# longshore:end\n" + rest);
  CHECK(without_sections(kText, {"web"}, "x\n# longshore:part web\nserver { before; }\n# longshore:end\n") ==
        "head\n# longshore:part web\nserver { before; }\n# longshore:end\n" + rest);
  CHECK(without_sections(kText, {}, "") == kText);
}

TEST_CASE("complaints: whose line") {
  const std::vector<std::string> paths = {"/etc/nginx/a.conf", "/etc/nginx/sites-available/b"};
  const Complaint nginx = complaint_of(
      "2026/11/26 18:12:48 [warn] 7#7: x\n2026/11/26 18:12:48 [emerg] 233#233: unknown directive \"x\" in "
      "/etc/nginx/a.conf:12\nnginx: configuration file /etc/nginx/nginx.conf test failed\n",
      paths);
  CHECK(nginx.text == "[emerg] unknown directive \"x\" in /etc/nginx/a.conf:12");
  CHECK(nginx.file == 0);
  CHECK(nginx.line == 12);
  const Complaint linked = complaint_of("nginx: [emerg] unexpected \"}\" in /etc/nginx/sites-enabled/b:3", paths);
  CHECK(linked.file == 1);
  CHECK(linked.line == 3);
  const Complaint other = complaint_of("nginx: [emerg] bad in /etc/nginx/ab:3", paths);
  CHECK_FALSE(other.file);
  CHECK(complaint_of("", paths).text.empty());
  CHECK(complaint_of("one\ntwo\n", paths).text == "two");
}

TEST_CASE("which change is a removal") {
  CHECK(loses_addresses("server 10.0.0.1:80; server 10.0.0.2:80;", "server 10.0.0.2:80;"));
  CHECK_FALSE(loses_addresses("server 10.0.0.2:80;", "server 10.0.0.1:80; server 10.0.0.2:80;"));
  CHECK_FALSE(loses_addresses("server 10.0.0.2:80;", "server 10.0.0.2:80 weight=2;"));
  CHECK(loses_addresses("server [fd00::1]:80;", "server [fd00::2]:80;"));
}
