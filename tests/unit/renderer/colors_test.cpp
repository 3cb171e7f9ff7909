// Colours: whose an instance is, and how much traffic it has.
#include "renderer/core/colors.h"

#include <doctest/doctest.h>

#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;

namespace {

ColorTable table(std::vector<std::pair<std::string, std::string>> keys) {
  const std::string prefix = "services/";
  TreeData tree;
  for (auto& [key, value] : keys) tree.pairs.push_back({pair(prefix + key, value), prefix.size()});
  return ColorTable(tree);
}

struct Made {
  std::string name;
  std::string status = "passing";
  std::string tag = {};
  std::string color = {};
};

std::shared_ptr<const ServiceData> list(const std::vector<Made>& all) {
  std::vector<consul::ServiceEntry> entries;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Made& one = all[i];
    entries.push_back(entry("n", "id-" + std::to_string(i), one.name, "10.0.0.1", 80, one.status));
    if (!one.tag.empty()) entries.back().service.tags.push_back(one.tag);
    if (!one.color.empty()) entries.back().service.meta["color"] = one.color;
  }
  return std::make_shared<const ServiceData>(make_service_data(service_named("x"), std::move(entries), 1, nullptr));
}

// "color:share:weight .."
std::string told(const std::vector<Member>& members) {
  std::string out;
  for (const Member& one : members)
    out += (out.empty() ? "" : " ") + one.color + ":" + std::to_string(one.share) + ":" + std::to_string(one.weight);
  return out;
}

}  // namespace

TEST_CASE("families: the service of a colour") {
  const ColorTable colors = table({{"books/color", "blue\n"},
                                   {"my-shop/color", "red"},
                                   {"my-shop/canary", "black=5"},
                                   {"other/what", "blue"},
                                   {"deep/books/color", "green"},
                                   {"empty/color", " "},
                                   {"lonely/canary", "green=5"}});
  struct Row {
    const char* name;
    const char* family;
  };
  const Row rows[] = {
      {"books", "books"},
      {"books-blue", "books"},
      {"books-green", "books"},
      {"books-admin", "books-admin"},  // another service, not a colour
      {"my-shop-red", "my-shop"},
      {"my-shop-black", "my-shop"},
      {"my-shop-white", "my-shop-white"},
      {"other-blue", "other-blue"},
      {"empty-blue", "empty-blue"},
      {"lonely-green", "lonely-green"},
      {"books-", "books-"},
      {"-blue", "-blue"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(colors.family(row.name) == row.family);
  }
  CHECK(ColorTable().family("books-blue") == "books-blue");
}

TEST_CASE("shares: the canary's key is heeded where it makes sense") {
  struct Row {
    const char* canary;
    int blue, green;
  };
  const Row rows[] =
      {
          {"green=10", 90, 10}, {" green = 99 \n", 1, 99}, {"green=0", 100, 0},  {"green=100", 100, 0},
          {"green", 100, 0},    {"=10", 100, 0},           {"green=-1", 100, 0}, {"green=x", 100, 0},
          {"blue=10", 100, 0},  // the switch is done, the key not yet away
          {"", 100, 0},
      };
  for (const Row& row : rows) {
    CAPTURE(row.canary);
    const ColorTable colors = table({{"books/color", "blue"}, {"books/canary", row.canary}});
    REQUIRE(colors.of("books") != nullptr);
    CHECK(colors.of("books")->share_of("blue") == row.blue);
    CHECK(colors.of("books")->share_of("green") == row.green);
    CHECK(colors.of("books")->share_of("") == 0);
    CHECK(colors.of("books")->share_of("red") == 0);
  }
}

TEST_CASE("members: by name, by Meta, by tag; weights give the colours their shares") {
  const ColorTable one = table({{"books/color", "blue"}});
  const ColorTable two = table({{"books/color", "blue"}, {"books/canary", "green=10"}});
  const Colors* whole = one.of("books");
  const Colors* split = two.of("books");
  CHECK(told(members_of({list({{"books"}, {"books", "critical"}})}, "books", nullptr)) == ":100:1 :100:1");
  CHECK(told(members_of({list({{"books"}}), list({{"books-blue"}})}, "books", whole)) == ":0:1 blue:100:1");
  CHECK(told(members_of(
            {list({{"books", "passing", "", "green"}, {"books", "passing", "blue"}, {"books", "passing", "v2"}})},
            "books", whole)) == "green:0:1 blue:100:1 :0:1");
  // Two of blue and one of green: 45 percent each, and 10.
  CHECK(told(members_of({list({{"books-blue"}, {"books-blue"}}), list({{"books-green"}})}, "books", split)) ==
        "blue:90:9 blue:90:9 green:10:2");
  // Who does not pass has no part of the share.
  CHECK(told(members_of({list({{"books-blue"}, {"books-blue", "critical"}}), list({{"books-green"}})}, "books",
                        split)) == "blue:90:9 blue:90:9 green:10:1");
  // Nobody is left on one side: the other has all.
  CHECK(told(members_of({list({{"books-blue", "critical"}}), list({{"books-green"}})}, "books", split)) ==
        "blue:90:1 green:10:1");
  CHECK(told(members_of({list({{"books-blue"}}), list({{"books-green", "warning"}})}, "books", split)) ==
        "blue:90:1 green:10:1");
}
