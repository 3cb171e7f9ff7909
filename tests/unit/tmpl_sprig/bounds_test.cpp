// Functions that multiply stop before they do harm.
#include <doctest/doctest.h>

#include "sprig_support.h"

namespace longshore::tmpl::testing {
namespace {

TEST_CASE("results are bounded") {
  Limits limits;
  limits.output_bytes = 10'000;
  for (const std::string text : {
           "{{sprig_repeat 1000000000 \"abc\"}}",
           "{{sprig_repeat 9223372036854775807 \"abc\"}}",
           "{{sprig_indent 1000000000 \"x\"}}",
           "{{sprig_nindent 5000 \"a\\nb\\nc\"}}",
           "{{sprig_replace \"\" (sprig_repeat 100 \"y\") (sprig_repeat 1000 \"x\")}}",
           "{{sprig_wrapWith 1 (sprig_repeat 100 \"y\") (sprig_repeat 1000 \"x\")}}",
           "{{sprig_until 1000000000}}",
           "{{sprig_until -9223372036854775807}}",
           "{{sprig_untilStep -9223372036854775807 9223372036854775807 1}}",
           "{{sprig_seq 1000000000}}",
           "{{sprig_join (sprig_repeat 1000 \"x\") (sprig_until 100)}}",
           "{{sprig_regexReplaceAll \"\" (sprig_repeat 1000 \"x\") (sprig_repeat 100 \"y\")}}",
           "{{sprig_cat (sprig_repeat 9000 \"x\") (sprig_repeat 9000 \"x\")}}",
           "{{sprig_toJson (sprig_list (sprig_repeat 9000 \"x\") (sprig_repeat 9000 \"x\"))}}",
       }) {
    CAPTURE(text);
    const std::string result = render_sprig(text, {}, limits);
    CHECK((mentions(result, "larger than 10000 bytes") || mentions(result, "exceeded")));
  }
}

TEST_CASE("work is bounded") {
  Limits limits;
  limits.steps = 2'000'000;
  for (const std::string text : {
           "{{$l := sprig_until 3000}}{{sprig_uniq $l | len}}",
           "{{$l := sprig_until 3000}}{{sprig_deepEqual (sprig_list $l $l $l $l) (sprig_list $l $l $l $l)}}"
           "{{range $l}}{{sprig_has -1 $l}}{{end}}",
           "{{range sprig_until 100}}{{sprig_bcrypt \"x\"}}{{end}}",
           "{{range sprig_until 100}}{{sprig_derivePassword 1 \"pin\" \"a\" \"b\" \"c\"}}{{end}}",
           "{{range sprig_until 100}}{{sprig_genPrivateKey \"rsa\"}}{{end}}",
           "{{$d := sprig_dict}}{{$l := sprig_until 10000}}{{range $l}}{{$_ := sprig_set $d \"k\" $l}}{{end}}",
           "{{$l := sprig_list 1}}{{range sprig_until 30}}{{$l = sprig_concat $l $l}}{{end}}",
           "{{$x := sprig_dict \"a\" 1}}{{$y := sprig_dict \"a\" 1}}{{range sprig_until 40}}"
           "{{$x = sprig_dict \"a\" $x \"b\" $x}}{{$y = sprig_dict \"a\" $y \"b\" $y}}{{end}}{{sprig_merge $x $y | "
           "len}}",
       }) {
    CAPTURE(text);
    CHECK(mentions(render_sprig(text, {}, limits), "exceeded"));
  }
}

TEST_CASE("a search takes as long as its texts are") {
  const std::string text = "(sprig_repeat 2000000 \"a\")";
  const std::string never = "(print (sprig_repeat 200000 \"a\") \"b\")";
  CHECK(render_sprig("{{sprig_contains " + never + " " + text + "}}") == "false");
  CHECK(render_sprig("{{sprig_replace " + never + " \"x\" " + text + " | len}}") == "2000000");
  CHECK(render_sprig("{{sprig_splitList " + never + " " + text + " | len}}") == "1");
}

TEST_CASE("versions and times are texts in JSON") {
  CHECK(render_sprig("{{sprig_toJson (sprig_semver \"1.2.3\")}}") == "\"1.2.3\"");
  CHECK(render_sprig("{{sprig_toJson (sprig_list (sprig_toDate \"2006-01-02\" \"2020-02-03\"))}}")
            .starts_with("[\"2020-02-03T00:00:00"));
}

TEST_CASE("decimals of absurd length are refused") {
  CHECK(mentions(render_sprig("{{range sprig_until 2000}}{{end}}{{sprig_addf 1e308 5e-324}}"), "e+308"));
  std::string text = "{{sprig_mulf 1";
  for (int i = 0; i < 100; ++i) text += " 1e308";
  CHECK(render_sprig(text + "}}") == "+Inf");
  for (int i = 0; i < 900; ++i) text += " 1e308";
  CHECK(mentions(render_sprig(text + "}}"), "decimal number too long"));
}

TEST_CASE("values without data do not harm") {
  for (const char* function :
       {"first", "last", "rest", "initial", "reverse", "uniq", "compact", "toJson", "keys", "values", "deepCopy",
        "toString", "quote", "empty", "kindOf", "typeOf", "int", "join \",\"", "len"}) {
    CAPTURE(function);
    const std::string name = std::string(function) == "len" ? "len" : "sprig_" + std::string(function);
    const std::string result = render_sprig("{{" + name + " nil}}");
    CHECK(result.find("internal") == std::string::npos);
  }
}

}  // namespace
}  // namespace longshore::tmpl::testing
