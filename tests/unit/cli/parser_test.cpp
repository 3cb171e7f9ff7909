// Go's flag grammar, row by row: package flag's documentation and its tests.
#include "common/cli/parser.h"

#include <doctest/doctest.h>

#include "tests/unit/cli/sample_table.h"

namespace longshore::cli {
namespace {

using Strings = std::vector<std::string>;
using std::chrono::milliseconds;
using std::chrono::seconds;

Parsed parse_ok(const Strings& arguments, bool anywhere = false) {
  ParseRules rules;
  rules.options_anywhere = anywhere;
  Result<Parsed> parsed = parse(sample_table(), arguments, rules);
  if (!parsed) FAIL(parsed.error().text);
  return std::move(*parsed);
}

TEST_CASE("text: one dash or two, a space or '='") {
  struct Case {
    Strings arguments;
    std::string value;
  };
  const Case cases[] = {
      {{"-t", "v"}, "v"},
      {{"--t", "v"}, "v"},
      {{"-t=v"}, "v"},
      {{"--t=v"}, "v"},
      {{"-text", "v"}, "v"},
      {{"--text=v"}, "v"},
      {{"-t="}, ""},
      {{"-t", ""}, ""},
      {{"-t=a=b"}, "a=b"},
      {{"-t", "-n"}, "-n"},
      {{"-t", "--"}, "--"},
      {{"-t", "-"}, "-"},
      {{"-t", "two words"}, "two words"},
      {{"-t", "a", "-t", "b"}, "b"},
      {{"-t", "a", "-text=b"}, "b"},
      {{"-t=\"q\""}, "\"q\""},
      {{"-t", "in:out:cmd -x"}, "in:out:cmd -x"},
      {{}, "none"},
  };
  for (const Case& row : cases) {
    CAPTURE(row.value);
    const Parsed parsed = parse_ok(row.arguments);
    CHECK(parsed.text("t") == row.value);
    CHECK(parsed.positionals.empty());
  }
}

TEST_CASE("booleans take a value only after '='") {
  struct Case {
    Strings arguments;
    bool value;
    Strings left;
  };
  const Case cases[] = {
      {{"-b"}, true, {}},
      {{"--b"}, true, {}},
      {{"-bool"}, true, {}},
      {{"-b=1"}, true, {}},
      {{"-b=t"}, true, {}},
      {{"-b=T"}, true, {}},
      {{"-b=true"}, true, {}},
      {{"-b=TRUE"}, true, {}},
      {{"-b=True"}, true, {}},
      {{"-b=0"}, false, {}},
      {{"-b=f"}, false, {}},
      {{"-b=F"}, false, {}},
      {{"-b=false"}, false, {}},
      {{"-b=FALSE"}, false, {}},
      {{"--b=False"}, false, {}},
      {{"-b", "false"}, true, {"false"}},
      {{"-b", "-b=false"}, false, {}},
      {{}, false, {}},
  };
  for (const Case& row : cases) {
    const Parsed parsed = parse_ok(row.arguments);
    CHECK(parsed.boolean("b") == row.value);
    CHECK(parsed.positionals == row.left);
  }
  CHECK(parse_ok({}).boolean("on"));
  CHECK_FALSE(parse_ok({"-on=false"}).boolean("on"));
}

TEST_CASE("numbers and durations") {
  CHECK(parse_ok({}).integer("n") == 7);
  CHECK(parse_ok({"-n", "-3"}).integer("n") == -3);
  CHECK(parse_ok({"-n=+3"}).integer("n") == 3);
  // Go's forms: strconv.ParseInt(text, 0, 64).
  CHECK(parse_ok({"-n=010"}).integer("n") == 8);
  CHECK(parse_ok({"-n=0x1F"}).integer("n") == 31);
  CHECK(parse_ok({"-n=-0b101"}).integer("n") == -5);
  CHECK(parse_ok({"-n=0o17"}).integer("n") == 15);
  CHECK(parse_ok({"-n=1_000"}).integer("n") == 1000);
  CHECK(parse_ok({"-n=0x_f"}).integer("n") == 15);
  CHECK(parse_ok({"-n=0"}).integer("n") == 0);
  CHECK(parse_ok({"-n", "9223372036854775807"}).integer("number") == 9223372036854775807);
  CHECK(parse_ok({"-i32", "-2147483648"}).integer("i32") == -2147483648LL);
  CHECK(parse_ok({}).duration("d") == seconds(5));
  CHECK(parse_ok({"-d", "250ms"}).duration("d") == milliseconds(250));
  CHECK(parse_ok({"-d=1m30s"}).duration("d") == seconds(90));
  CHECK(parse_ok({"-d", "0"}).duration("d") == seconds(0));
}

TEST_CASE("lists add up in order") {
  CHECK(parse_ok({}).list("l").empty());
  CHECK(parse_ok({"-l", "a", "-b", "-l=b", "--l", "a,c"}).list("l") == Strings{"a", "b", "a,c"});
}

TEST_CASE("where options end") {
  struct Case {
    Strings arguments;
    bool anywhere;
    Strings left;
    bool b;
  };
  const Case cases[] = {
      {{"uri", "-b"}, false, {"uri", "-b"}, false},  {{"uri", "-b"}, true, {"uri"}, true},
      {{"-b", "uri"}, true, {"uri"}, true},          {{"-b", "uri"}, false, {"uri"}, true},
      {{"--", "-b"}, false, {"-b"}, false},          {{"--", "-b"}, true, {"-b"}, false},
      {{"x", "--", "-b"}, true, {"x", "-b"}, false}, {{"x", "--", "-b"}, false, {"x", "--", "-b"}, false},
      {{"-", "-b"}, false, {"-", "-b"}, false},      {{"-", "-b"}, true, {"-"}, true},
      {{"", "-b"}, false, {"", "-b"}, false},        {{"--"}, false, {}, false},
      {{"a", "-b", "c"}, true, {"a", "c"}, true},
  };
  for (const Case& row : cases) {
    const Parsed parsed = parse_ok(row.arguments, row.anywhere);
    CHECK(parsed.positionals == row.left);
    CHECK(parsed.boolean("b") == row.b);
  }
}

TEST_CASE("help ends the parsing") {
  for (const Strings& arguments : {Strings{"-h"}, Strings{"-help"}, Strings{"--help"}, Strings{"--h"},
                                   Strings{"-b", "-h"}, Strings{"-h", "-unknown"}, Strings{"-help=x"}}) {
    CHECK(parse_ok(arguments).help);
  }
  CHECK_FALSE(parse_ok({"-t", "-h"}).help);
  CHECK_FALSE(parse_ok({"--", "-h"}).help);
  CHECK(parse(sample_table(), {"-h"}, {}, {{"D_TIME", "nonsense"}})->help);
}

}  // namespace
}  // namespace longshore::cli
