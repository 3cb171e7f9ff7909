#include "common/json/reader.h"

#include <doctest/doctest.h>

#include "common/json/json.h"

namespace longshore::json {
namespace {

// Everything that was read, as one line.
std::string listing(std::string_view document) {
  std::string out;
  Reader reader(document, "doc");
  reader.object([&](std::string_view key) {
    if (key == "text")
      out += "text=" + reader.text() + " ";
    else if (key == "number")
      out += "number=" + std::to_string(reader.integer()) + " ";
    else if (key == "flag")
      out += reader.boolean() ? "flag " : "no-flag ";
    else if (key == "texts")
      for (const std::string& item : reader.texts()) out += "[" + item + "]";
    else
      reader.skip();
  });
  const Status status = reader.finish();
  return status ? out : status.error().text;
}

}  // namespace

TEST_CASE("members in any order, unknown ones skipped, null is empty") {
  CHECK(listing(R"({"text":"a","x":{"y":[1,{"z":"}]"}]},"number":-7,"flag":true})") == "text=a number=-7 flag ");
  CHECK(listing(R"({ "text" : null , "number":null,"flag":null,"texts":null})") == "text= number=0 no-flag ");
  CHECK(listing(R"({"texts":["a","b\nc"]})") == "[a][b\nc]");
  CHECK(listing("null").empty());
  CHECK(listing("{}").empty());
  CHECK(listing(R"({"te\u0078t":"name with an escape"})") == "text=name with an escape ");
}

TEST_CASE("escapes are those of JSON; halves of surrogate pairs become U+FFFD as in Go") {
  CHECK(listing(R"({"text":"\"\\\/\b\f\n\r\t\u00e4\u20ac\ud83d\ude00"})") ==
        "text=\"\\/\b\f\n\r\t\u00e4\u20ac\U0001F600 ");
  CHECK(listing(R"({"text":"\ud83d!\ude00"})") == "text=\uFFFD!\uFFFD ");
  CHECK(listing(R"({"text":"ends \\"})") == "text=ends \\ ");
}

TEST_CASE("wrong types name their path, broken documents their place") {
  const std::pair<const char*, const char*> table[] = {
      {R"({"text":1})", "doc.text: expected a string, found number"},
      {R"({"number":"1"})", "doc.number: expected an integer, found string"},
      {R"({"number":1.5})", "doc.number: expected an integer, found number"},
      {R"({"number":99999999999999999999})", "doc.number: out of range"},
      {R"({"texts":["a",1]})", "doc.texts: expected strings, found number"},
      {"[]", "doc: expected an object, found array"},
      {R"({"text":"a)", "doc: malformed JSON at byte 10: a string has no end"},
      {R"({"text":"a" "b":1})", "doc: malformed JSON at byte 12: a comma or the end of the list is missing"},
      {R"({"text":"\x"})", "doc: malformed JSON at byte 12: a string has an unknown escape"},
      {R"({"a":[1,2})", "doc: malformed JSON at byte 10: it ends here"},
      {R"({"a":)", "doc: malformed JSON at byte 5: it ends here"},
      {"{} {}", "doc: malformed JSON at byte 3: something follows the document"},
      {"", "doc: malformed JSON at byte 0: it ends here"},
  };
  for (const auto& [document, reason] : table) CHECK(listing(document) == reason);
  CHECK(listing("{\"text\":\"\xff\"}") == "doc: malformed JSON at byte 11: a string is no UTF-8");
}

TEST_CASE("depth is bounded, in what is read and in what is skipped") {
  const std::string deep(100000, '[');
  Reader skipping(deep, "doc");
  skipping.skip();
  CHECK(skipping.finish().error().code == Errc::limit);
  Reader reading(deep, "doc");
  const auto down = [&](auto& self) -> void { reading.array([&] { self(self); }); };
  down(down);
  CHECK(reading.finish().error().code == Errc::limit);
}

TEST_CASE("property: agrees with the other parser about random mutations of a document") {
  const std::string good =
      R"({"text":"a\u00e4\"b","n":[1,-2.5e3,true,false,null,{"k":"v"}],"texts":["x","y"],"number":42})";
  std::uint64_t state = 7;
  int both = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string mutated = good;
    for (int i = 0; i < 2; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::size_t at = (state >> 33) % mutated.size();
      mutated[at] = "{}[]\",:0a\\ntu"[(state >> 20) % 13];
    }
    INFO(mutated);
    const bool valid = parse(mutated, "doc").has_value();
    Reader reader(mutated, "doc");
    reader.skip();
    // Skipping looks at brackets and strings only: it takes more, never less.
    const bool taken = reader.finish().has_value();
    if (valid) CHECK(taken);
    both += valid && taken ? 1 : 0;
  }
  CHECK(both > 100);
}

}  // namespace longshore::json
