#include "renderer/core/template_spec.h"

#include <doctest/doctest.h>

using namespace longshore;
using namespace longshore::render;

// Rows: consul-template, config/template_test.go and the pattern ([a-zA-Z]:)?([^:]+).
TEST_CASE("source:destination:command") {
  struct Row {
    const char* text;
    const char* source;
    const char* destination = "";
    const char* command = "";
  };
  const Row rows[] = {
      {"/tmp/a.txt:/tmp/b.txt:command", "/tmp/a.txt", "/tmp/b.txt", "command"},
      {"/tmp/a.txt", "/tmp/a.txt"},
      {"/tmp/a.txt:/tmp/b.txt", "/tmp/a.txt", "/tmp/b.txt"},
      {"a.in:b.out:curl http://x:80/y", "a.in", "b.out", "curl http://x:80/y"},
      {"in::out", "in", "out"},
      {"in:out:", "in", "out"},
      {":in:out", "in", "out"},
      {"in:out:run::it", "in", "out", "run:it"},
      {"in:out:run:a:b", "in", "out", "run:a:b"},
      {"a:b:c d", "a", "b", "c d"},
      {"t:out", "t", "out"},
      {"in:o:cmd", "in", "o", "cmd"},
      {"in:out:docker kill -s HUP nginx", "in", "out", "docker kill -s HUP nginx"},
      {"a::b", "a", "b"},
      {" in : out ", " in ", " out "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto spec = parse_template_argument(row.text);
    REQUIRE(spec);
    CHECK(spec->source == row.source);
    CHECK(spec->destination == row.destination);
    CHECK(spec->command == row.command);
    CHECK(spec->command_timeout == std::chrono::seconds(30));
  }
  for (const char* text : {"", " ", ":", ":::"}) {
    CAPTURE(text);
    const auto spec = parse_template_argument(text);
    REQUIRE_FALSE(spec);
    CHECK(spec.error().text == "template: cannot be empty");
  }
}

TEST_CASE("wait min[:max]") {
  using std::chrono::milliseconds;
  struct Row {
    const char* text;
    milliseconds min;
    milliseconds max;
  };
  const Row rows[] = {
      {"5s", milliseconds(5000), milliseconds(20000)},       {"5s:10s", milliseconds(5000), milliseconds(10000)},
      {" 1s : 2s ", milliseconds(1000), milliseconds(2000)}, {"0", milliseconds(0), milliseconds(0)},
      {"250ms:250ms", milliseconds(250), milliseconds(250)}, {"0:1s", milliseconds(0), milliseconds(1000)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto window = parse_wait(row.text);
    REQUIRE(window);
    CHECK(window->min == row.min);
    CHECK(window->max == row.max);
    CHECK(window->enabled() == (row.min.count() > 0));
  }
  const std::pair<const char*, const char*> refused[] = {
      {"", "wait: cannot be empty"},          {"  ", "wait: cannot be empty"},
      {"1s:2s:3s", "wait: invalid format"},   {"-1s", "wait: cannot be negative"},
      {"1s:-2s", "wait: cannot be negative"}, {"10s:5s", "wait: min must be less than max"},
  };
  for (const auto& [text, want] : refused) {
    CAPTURE(text);
    const auto window = parse_wait(text);
    REQUIRE_FALSE(window);
    CHECK(window.error().text == want);
  }
  CHECK_FALSE(parse_wait("soon"));
  CHECK_FALSE(parse_wait("5"));
}
