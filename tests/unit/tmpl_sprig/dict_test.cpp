// Maps that change, and what hostile templates can do with them.
#include <doctest/doctest.h>

#include "sprig_support.h"

namespace longshore::tmpl::testing {
namespace {

TEST_CASE("everybody who holds a dict sees its changes") {
  CHECK(render_sprig("{{$a := sprig_dict}}{{$b := $a}}{{$_ := sprig_set $b \"x\" 1}}{{$a.x}}{{len $a}}") == "11");
  CHECK(render_sprig("{{$a := sprig_dict}}{{$l := sprig_list $a}}{{$_ := sprig_set $a \"x\" 1}}{{$l}}") ==
        "[map[x:1]]");
  CHECK(render_sprig(
            "{{define \"f\"}}{{$_ := sprig_set . \"x\" 7}}{{end}}{{$a := sprig_dict}}{{template \"f\" $a}}{{$a.x}}") ==
        "7");
  CHECK(render_sprig("{{$a := sprig_dict \"i\" (sprig_dict)}}{{$_ := sprig_set (sprig_get $a \"i\") \"x\" 1}}{{$a}}") ==
        "map[i:map[x:1]]");
}

TEST_CASE("maps from elsewhere stay as they are, the result has the change") {
  const char* text = "{{$m := parseJSON `{\"a\":1}`}}{{$n := sprig_set $m \"b\" 2}}{{$m}} {{$n}} {{$n.b}}";
  CHECK(render_sprig(text) == "map[a:1] map[a:1 b:2] 2");
  CHECK(render_sprig("{{$m := parseJSON `{\"a\":1}`}}{{sprig_unset $m \"a\"}}{{$m}}") == "map[]map[a:1]");
  CHECK(render_sprig("{{sprig_merge (parseJSON `{\"a\":{\"x\":1}}`) (parseJSON `{\"a\":{\"y\":2}}`)}}") ==
        "map[a:map[x:1 y:2]]");
}

TEST_CASE("a dict in itself is refused, directly or through others") {
  const std::string refused = "in itself";
  CHECK(mentions(render_sprig("{{$a := sprig_dict}}{{sprig_set $a \"a\" $a}}"), refused));
  CHECK(mentions(render_sprig("{{$a := sprig_dict}}{{sprig_set $a \"a\" (sprig_list (sprig_list $a))}}"), refused));
  CHECK(mentions(render_sprig("{{$a := sprig_dict}}{{$b := sprig_dict \"a\" $a}}{{sprig_set $a \"b\" $b}}"), refused));
  CHECK(mentions(render_sprig("{{$a := sprig_dict}}{{$b := sprig_dict \"a\" $a}}{{$c := sprig_dict \"b\" $b}}"
                              "{{sprig_set $a \"c\" (sprig_dict \"l\" (sprig_list $c))}}"),
                 refused));
  CHECK(mentions(render_sprig("{{$a := sprig_dict}}{{sprig_merge $a (sprig_dict \"x\" (sprig_list $a))}}"), refused));
}

TEST_CASE("what was taken out may go in again the other way round") {
  CHECK(render_sprig(
            "{{$a := sprig_dict}}{{$b := sprig_dict}}{{$_ := sprig_set $a \"b\" $b}}{{$_ = sprig_unset $a \"b\"}}"
            "{{$_ = sprig_set $b \"a\" $a}}{{$b}}") == "map[a:map[]]");
}

TEST_CASE("depth is bounded, however it is reached") {
  const std::string refused = "dict nested more than 500 deep";
  CHECK(
      mentions(render_sprig("{{$d := sprig_dict}}{{range loop 100000}}{{$d = sprig_dict \"d\" $d}}{{end}}"), refused));
  // Growing at the bottom: each step looks shallow.
  CHECK(mentions(render_sprig("{{$top := sprig_dict}}{{$d := $top}}{{range loop 100000}}{{$n := sprig_dict}}"
                              "{{$_ := sprig_set $d \"d\" $n}}{{$d = $n}}{{end}}{{$top}}"),
                 refused));
  CHECK(mentions(
      render_sprig("{{$d := sprig_dict}}{{range loop 100000}}{{$d = sprig_dict \"d\" (sprig_list $d)}}{{end}}"),
      refused));
  const std::string deep =
      render_sprig("{{$d := sprig_dict}}{{range loop 498}}{{$d = sprig_dict \"d\" $d}}{{end}}{{$d}}");
  CHECK(deep.size() == 499 * 5 + 498 * 2);  // "map[" and "]" each, "d:" for all but the last
}

TEST_CASE("many dicts are freed without recursion") {
  // A chain through lists at the height that is allowed, many times over.
  CHECK(render_sprig("{{$l := sprig_list}}{{range loop 2000}}{{$d := sprig_dict \"x\" (sprig_dict \"y\" 1)}}"
                     "{{$l = sprig_list $d}}{{end}}{{len $l}}") == "1");
}

TEST_CASE("evaluations share nothing") {
  const std::string text = "{{$d := sprig_dict \"a\" 1}}{{$_ := sprig_set $d \"b\" 2}}{{$d}}";
  CHECK(render_sprig(text) == "map[a:1 b:2]");
  CHECK(render_sprig(text) == "map[a:1 b:2]");
}

}  // namespace
}  // namespace longshore::tmpl::testing
