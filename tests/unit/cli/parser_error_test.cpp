// The sentences are Go's (package flag); the suggestion is ours.
#include <doctest/doctest.h>

#include "common/cli/parser.h"
#include "tests/unit/cli/sample_table.h"

namespace longshore::cli {
namespace {

using Strings = std::vector<std::string>;

struct Mistake {
  Strings arguments;
  std::string error;
};

TEST_CASE("wrong calls") {
  const Mistake cases[] = {
      {{"-zzzzz"}, "flag provided but not defined: -zzzzz"},
      {{"--zzzzz"}, "flag provided but not defined: -zzzzz"},
      {{"-zzzzz=1"}, "flag provided but not defined: -zzzzz"},
      {{"-numbr", "1"}, "flag provided but not defined: -numbr (did you mean -number?)"},
      {{"-txet=1"}, "flag provided but not defined: -txet (did you mean -text?)"},
      {{"-hlep"}, "flag provided but not defined: -hlep (did you mean -help?)"},
      {{"-buriedd"}, "flag provided but not defined: -buriedd"},
      {{"-t"}, "flag needs an argument: -t"},
      {{"--text"}, "flag needs an argument: -text"},
      {{"-b", "-n"}, "flag needs an argument: -n"},
      {{"---t"}, "bad flag syntax: ---t"},
      {{"-=v"}, "bad flag syntax: -=v"},
      {{"--=v"}, "bad flag syntax: --=v"},
      {{"---"}, "bad flag syntax: ---"},
      {{"-n", "x"}, R"(invalid value "x" for flag -n: parse error)"},
      {{"-n="}, R"(invalid value "" for flag -n: parse error)"},
      {{"-n", "1.5"}, R"(invalid value "1.5" for flag -n: parse error)"},
      {{"-n", " 1"}, R"(invalid value " 1" for flag -n: parse error)"},
      {{"-n", "-"}, R"(invalid value "-" for flag -n: parse error)"},
      {{"-n", "+-1"}, R"(invalid value "+-1" for flag -n: parse error)"},
      {{"-number", "99999999999999999999"},
       R"(invalid value "99999999999999999999" for flag -number: value out of range)"},
      {{"-i32", "2147483648"}, R"(invalid value "2147483648" for flag -i32: must be at most 2147483647)"},
      {{"-i32", "-2147483649"}, R"(invalid value "-2147483649" for flag -i32: must be at least -2147483648)"},
      {{"-d", "10"}, R"(invalid value "10" for flag -d: parse error (a unit is missing, did you mean 10s?))"},
      {{"-d", "1.5"}, R"(invalid value "1.5" for flag -d: parse error (a unit is missing, did you mean 1.5s?))"},
      {{"-d", "1m30"}, R"(invalid value "1m30" for flag -d: parse error (a unit is missing, did you mean 1m30s?))"},
      {{"-d="}, R"(invalid value "" for flag -d: parse error)"},
      {{"-d", "soon"}, R"(invalid value "soon" for flag -d: parse error)"},
      {{"-d", "5d"}, R"(invalid value "5d" for flag -d: parse error)"},
      {{"-d", "1 s"}, R"(invalid value "1 s" for flag -d: parse error (did you mean 1s?))"},
      {{"-b=yes"}, R"(invalid boolean value "yes" for -b: parse error)"},
      {{"-b="}, R"(invalid boolean value "" for -b: parse error)"},
      {{"-b=tRUE"}, R"(invalid boolean value "tRUE" for -b: parse error)"},
      {{"-even", "abc"}, R"(invalid value "abc" for flag -even: odd length)"},
      {{"-token", "hunter2"}, "invalid value for flag -token: parse error"},
  };
  for (const Mistake& row : cases) {
    const Result<Parsed> parsed = parse(sample_table(), row.arguments);
    CAPTURE(row.error);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().text == row.error);
    CHECK(parsed.error().code == Errc::invalid_input);
  }
}

TEST_CASE("wrong environment") {
  const auto error_of = [](const Environment& environment) {
    const Result<Parsed> parsed = parse(sample_table(), {}, {}, environment);
    return parsed ? std::string("no error") : parsed.error().text;
  };
  CHECK(error_of({{"D_TIME", "soon"}}) == R"(invalid value "soon" for environment variable D_TIME: parse error)");
  CHECK(error_of({{"D_TIME", "5"}}) ==
        R"(invalid value "5" for environment variable D_TIME: parse error (a unit is missing, did you mean 5s?))");
  CHECK(error_of({{"D_TIME", ""}}) == "no error");
  CHECK(error_of({{"OTHER", "soon"}}) == "no error");
}

}  // namespace
}  // namespace longshore::cli
