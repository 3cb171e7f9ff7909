// No template, however hostile, may take the process down or keep it for ever.
#include <doctest/doctest.h>

#include "tests/unit/tmpl/tmpl_support.h"

namespace {

using namespace longshore::tmpl;
using testing::render;

EvaluateOptions with(Limits limits) {
  return {.missing_key = MissingKey::zero, .limits = limits};
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("recursion ends with an error, whatever it goes through") {
  Limits limits;
  limits.template_depth = 100;
  CHECK(mentions(render("{{template \"t\"}}", {}, with(limits)), "exceeded maximum template depth (100)"));
  // The default bound, or the one of the native stack, whichever comes first.
  for (const char* text : {"{{template \"t\"}}",
                           "{{define \"a\"}}{{with 1}}{{if 1}}{{template \"a\" .}}{{end}}{{end}}{{end}}"
                           "{{template \"a\"}}",
                           "{{executeTemplate \"t\"}}", "{{print (executeTemplate \"t\")}}",
                           "{{range loop 1}}{{template \"t\"}}{{end}}"}) {
    CAPTURE(text);
    CHECK(mentions(render(text), "exceeded maximum"));
  }
}

TEST_CASE("a chain of else is as long as it likes: it is no nesting") {
  for (const char* word : {"if", "with"}) {
    std::string text = "{{" + std::string(word) + " eq . 0}}0";
    for (int i = 1; i < 3000; ++i)
      text += "{{else " + std::string(word) + " eq $ " + std::to_string(i) + "}}<" + std::to_string(i) + ">";
    text += "{{else}}none{{end}}";
    CAPTURE(word);
    CHECK(render(text, Value::integer(2999)) == "<2999>");
    CHECK(render(text, Value::integer(1)) == "<1>");
    CHECK(render(text, Value::integer(3000)) == "none");
  }
  // Variables of a branch are known in those behind it, those of bodies are not.
  CHECK(render("{{if $x := 0}}{{else if $y := 2}}{{$x}}{{$y}}{{else}}{{$y}}{{end}}") == "02");
  CHECK(mentions(render("{{if 0}}{{$x := 1}}{{else if 1}}{{$x}}{{end}}"), "undefined variable: $x"));
}

TEST_CASE("output is bounded") {
  Limits limits;
  limits.output_bytes = 1000;
  const auto options = with(limits);
  CHECK(mentions(render("{{range loop 1000}}0123456789{{end}}", {}, options),
                 "exceeded maximum output size (1000 bytes)"));
  CHECK(mentions(render("{{printf \"%100000d\" 1}}", {}, options), "larger than 1000 bytes"));
  CHECK(mentions(render("{{print (indent 500 \"a\\nb\\nc\")}}", {}, options), "larger than 1000 bytes"));
  CHECK(mentions(render("{{replaceAll \"\" \"0123456789\" (printf \"%200s\" \"x\")}}", {}, options), "larger than"));
  CHECK(
      mentions(render("{{regexReplaceAll \"\" \"0123456789\" (printf \"%200s\" \"x\")}}", {}, options), "larger than"));
  CHECK(mentions(render("{{indent 9223372036854775807 \"a\\nb\"}}", {}, options), "larger than"));
  CHECK(render("{{printf \"%999d\" 1 | len}}", {}, options) == "999");
}

TEST_CASE("text that doubles in a loop is stopped before memory is gone") {
  Limits limits;
  limits.output_bytes = 1 << 20;
  const char* text = "{{$x := \"0123456789\"}}{{range loop 60}}{{$x = print $x $x}}{{end}}";
  CHECK(mentions(render(text, {}, with(limits)), "larger than 1048576 bytes"));
}

#ifndef __SANITIZE_ADDRESS__  // its allocator does not tell how much is in use
TEST_CASE("what variables, lists and scratch hold on to is bounded together") {
  for (const char* text :
       {"{{range loop 100000}}{{scratch.MapSet \"m\" (print .) (printf \"%1000000d\" .)}}{{end}}",
        "{{define \"a\"}}{{$x := printf \"%1000000d\" 1}}{{template \"a\"}}{{$x}}{{end}}{{template \"a\"}}",
        "{{range loop 100000}}{{scratch.MapSet \"m\" (print .) (split \"\" (printf \"%20000d\" .))}}{{end}}"}) {
    CAPTURE(text);
    CHECK(mentions(render(text), "exceeded maximum"));
  }
  CHECK(mentions(render("{{range loop 100000}}{{scratch.MapSet \"m\" (print .) (printf \"%1000000d\" .)}}{{end}}"),
                 "exceeded maximum memory (268435456 bytes)"));
}
#endif

TEST_CASE("widths, precisions and patterns of any size") {
  const auto options = with({.output_bytes = 1 << 20, .steps = 2'000'000});
  const auto error_of = [&](const char* text) { return render(text, {}, options); };
  // As Go 1.19 has it.
  CHECK(error_of("{{printf \"%1000000000d\" 1}}") == "%!(NOVERB)%!(EXTRA int=1)");
  CHECK(error_of("{{printf \"%.1000000000d\" 1}}") == "%!(NOVERB)%!(EXTRA int=1)");
  CHECK(error_of("{{printf \"%*d\" 1000000001 1}}") == "%!(BADWIDTH)1");
  CHECK(error_of("{{printf \"%1000000d\" 1 | len}}") == "1000000");
  CHECK(mentions(error_of("{{printf \"%1000000d%1000000d\" 1 1}}"), "larger than 1048576 bytes"));
  CHECK(mentions(error_of("{{regexMatch \"((a{1000}){1000}){1000}\" \"a\"}}"), "error parsing regexp"));
  CHECK(mentions(error_of("{{range loop 3000}}{{regexMatch (print \"(x{100}){10}\" .) \"a\"}}{{end}}"),
                 "exceeded maximum number of steps"));
  CHECK(
      mentions(error_of("{{$x := printf \"%1000000d\" 1}}{{range loop 100}}{{regexMatch \"(a|b|c){50}$\" $x}}{{end}}"),
               "exceeded maximum number of steps"));
}

TEST_CASE("steps are bounded") {
  Limits limits;
  limits.steps = 10'000;
  const auto options = with(limits);
  CHECK(
      mentions(render("{{range loop 1000000000000}}{{end}}", {}, options), "exceeded maximum number of steps (10000)"));
  CHECK(mentions(render("{{range 9223372036854775807}}{{end}}", {}, options), "exceeded maximum number of steps"));
  CHECK(mentions(render("{{range loop 1000}}{{range loop 1000}}{{end}}{{end}}", {}, options), "number of steps"));
  CHECK(mentions(
      render("{{define \"a\"}}{{range loop 100}}{{template \"a\"}}{{end}}{{end}}{{template \"a\"}}", {}, options),
      "exceeded maximum"));
  CHECK(render("{{range loop 9000}}{{end}}ok", {}, {.limits = Limits{}}) == "ok");
}

TEST_CASE("work on long texts counts as steps") {
  Limits limits;
  limits.steps = 100'000;
  const char* text = "{{$x := printf \"%500000d\" 1}}{{range loop 1000}}{{$y := sha256Hex $x}}{{end}}";
  CHECK(mentions(render(text, {}, with(limits)), "exceeded maximum number of steps"));
}

TEST_CASE("data nested without end is refused, printed and destroyed safely") {
  const char* text =
      "{{range loop 100000}}{{scratch.MapSet \"m\" \"k\" (scratch.Get \"m\")}}{{end}}{{scratch.Get \"m\" | toJSON | "
      "len}}";
  CHECK(mentions(render(text), "data nested too deeply"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += '[';
  CHECK(mentions(render("{{parseJSON .}}", Value::string(deep)), "exceeded max depth"));
  const std::string key(4000, '/');
  CHECK(mentions(render("{{explodeMap .}}", any_map({{key, Value::integer(1)}})), "too many parts"));
}

TEST_CASE("a limit inside executeTemplate is not swallowed") {
  Limits limits;
  limits.steps = 1000;
  CHECK(mentions(render("{{define \"a\"}}{{range loop 5000}}{{end}}{{end}}{{executeTemplate \"a\"}}", {}, with(limits)),
                 "exceeded maximum number of steps"));
}

TEST_CASE("texts that are no templates") {
  for (const std::string text : {"{{",
                                 "}}",
                                 "{{}}",
                                 "{{|}}",
                                 "{{|1}}",

                                 "{{(}}",
                                 "{{.}",
                                 "{{$}",
                                 "{{\"",
                                 "{{`",
                                 "{{'",
                                 "{{/*",
                                 "{{- ",
                                 "{{ -}}{{ -}}",
                                 "{{range}}{{else}}",
                                 "{{define}}",
                                 "{{block}}",
                                 "{{template}}",
                                 "{{if 1}}{{else if}}{{end}}",
                                 "{{with 1}}{{else with}}{{end}}",
                                 "{{$a,}}",
                                 "{{range $a,}}{{end}}",
                                 "\xff{{\xff}}",
                                 "{{.\xff}}",
                                 "{{1 = 2}}",
                                 "{{.x := 1}}",
                                 "{{:=}}",
                                 "{{=}}",
                                 "{{,}}",
                                 "{{$x :=}}"}) {
    CAPTURE(text);
    const std::string result = render(text);
    CHECK((result.starts_with("error: template: t:1") || result == "}}" || result == "{{"));
  }
}
