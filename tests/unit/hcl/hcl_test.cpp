// Well-formed HCL 1. Expected values: hashicorp/hcl v1.0.1 (rows marked "more" are taken by us and refused by it).
#include <doctest/doctest.h>

#include "common/hcl/reader.h"
#include "show.h"

namespace longshore::hcl {
namespace {

struct Row {
  const char* name;
  std::string text;
  std::string tree;
};

const Row kRows[] = {
    {"empty", R"()", R"({})"},
    {"white space", "  \n\t\r\n ", R"({})"},
    {"comment only", R"(# nothing)", R"({})"},
    {"string", R"(a = "x")", R"({"a"="x"})"},
    {"no space", R"(a="x")", R"({"a"="x"})"},
    {"quoted key", R"("a b" = "x")", R"({"a b"="x"})"},
    {"key with dash and dot", R"(a-b.c_d = 1)", R"({"a-b.c_d"=1})"},
    {"two", "a = 1\nb = 2", R"({"a"=1 "b"=2})"},
    {"two on a line", R"(a = 1 b = 2)", R"({"a"=1 "b"=2})"},
    {"comma between", R"(a = 1, b = 2,)", R"({"a"=1 "b"=2})"},
    {"value on the next line", "a =\n 1", R"({"a"=1})"},
    {"same key twice", "a = 1\na = 2", R"({"a"=1 "a"=2})"},
    {"true", R"(a = true)", R"({"a"=true})"},
    {"false", R"(a = false)", R"({"a"=false})"},
    {"zero", R"(a = 0)", R"({"a"=0})"},
    {"negative", R"(a = -42)", R"({"a"=-42})"},
    {"hexadecimal", R"(a = 0x1F)", R"({"a"=31})"},
    {"hexadecimal capital", R"(a = 0XfF)", R"({"a"=255})"},
    {"negative hexadecimal", R"(a = -0x10)", R"({"a"=-16})"},
    {"octal", R"(a = 0600)", R"({"a"=384})"},
    {"largest", R"(a = 9223372036854775807)", R"({"a"=9223372036854775807})"},
    {"smallest", R"(a = -9223372036854775808)", R"({"a"=-9223372036854775808})"},
    {"float", R"(a = 1.5)", R"({"a"=f:1.5})"},
    {"float without end", R"(a = 1.)", R"({"a"=f:1})"},
    {"float without start", R"(a = .5)", R"({"a"=f:0.5})"},
    {"negative float", R"(a = -1.25)", R"({"a"=f:-1.25})"},
    {"exponent", R"(a = 1e3)", R"({"a"=f:1000})"},
    {"exponent with sign", R"(a = 12E-1)", R"({"a"=f:1.2})"},
    {"exponent plus", R"(a = 1.5e+2)", R"({"a"=f:150})"},
    {"zero float", R"(a = 0.25)", R"({"a"=f:0.25})"},
    {"zero eight float", R"(a = 08.5)", R"({"a"=f:8.5})"},
    {"hash comment", "a = 1 # one\n# two\nb = 2", R"({"a"=1 "b"=2})"},
    {"slash comment", "// x\na = 1 // one", R"({"a"=1})"},
    {"block comment", "/* x\n y */ a = /* in */ 1 /**/", R"({"a"=1})"},
    {"stars in comment", R"(/* ** * / **/ a = 1)", R"({"a"=1})"},
    {"comment mark in string", R"(a = "# // /*")", R"({"a"="# // /*"})"},
    {"empty string", R"(a = "")", R"({"a"=""})"},
    {"escapes", R"(a = "\a\b\f\n\r\t\v\\\"")", R"({"a"="\x07\x08\x0c\n\x0d\x09\x0b\\\""})"},
    {"byte escapes", R"(a = "\x41\101\x7e")", R"({"a"="AA~"})"},
    {"byte escape above 127", R"(a = "\xff")", R"({"a"="\xff"})"},
    {"character escapes", R"(a = "\u00e9\U0001F600")", R"({"a"="\xc3\xa9\xf0\x9f\x98\x80"})"},
    {"surrogate becomes a replacement", R"(a = "\ud800")", R"({"a"="\xef\xbf\xbd"})"},
    {"UTF-8", R"(a = "é")", R"({"a"="\xc3\xa9"})"},
    {"interpolation", R"(a = "x ${var.b} y")", R"({"a"="x ${var.b} y"})"},
    {"interpolation with quotes", R"(a = "${file("x.txt")}")", R"({"a"="${file(\"x.txt\")}"})"},
    {"interpolation with escapes", R"(a = "${f("a\n\"")}\n")", R"({"a"="${f(\"a\\n\\\"\")}\n"})"},
    {"interpolation over lines", "a = \"${\n1\n}\"", R"({"a"="${\n1\n}"})"},
    {"nested braces", R"(a = "${ {x} }{")", R"({"a"="${ {x} }{"})"},
    {"dollar alone", R"(a = "$x $$ {}")", R"({"a"="$x $$ {}"})"},
    {"two dollars", R"(a = "$${x}")", R"({"a"="$${x}"})"},
    {"template text", R"(a = "{{ key \"x\" }}")", R"({"a"="{{ key \"x\" }}"})"},
    {"list", R"(a = [1, "x", true, 2.5])", R"({"a"=[1 "x" true f:2.5]})"},
    {"empty list", R"(a = [])", R"({"a"=[]})"},
    {"list over lines", "a = [\n  1, # one\n  2,\n]", R"({"a"=[1 2]})"},
    {"list with too many commas", R"(a = [,1,,2,])", R"({"a"=[1 2]})"},
    {"list of lists", R"(a = [[1], [2, 3]])", R"({"a"=[[1] [2 3]]})"},
    {"list of objects", R"(a = [{b = 1}, {b = 2}])", R"({"a"=[{"b"=1} {"b"=2}]})"},
    {"here-document in list", "a = [<<X\nq\nX\n, 1]", R"({"a"=["q\n" 1]})"},
    {"object", R"(a = {b = 1})", R"({"a"={"b"=1}})"},
    {"empty object", R"(a = {})", R"({"a"={}})"},
    {"block", R"(a { b = 1 })", R"({"a"={"b"=1}})"},
    {"empty block", R"(a {})", R"({"a"={}})"},
    {"block with label", R"(a "x" { b = 1 })", R"({"a" "x"={"b"=1}})"},
    {"block with labels", R"(a b "c" {})", R"({"a" "b" "c"={}})"},
    {"repeated blocks", "a { b = 1 }\na { b = 2 }", R"({"a"={"b"=1} "a"={"b"=2}})"},
    {"nested blocks", R"(a { b { c { d = 1 } } })", R"({"a"={"b"={"c"={"d"=1}}}})"},
    {"commas in a block", R"(a = {b = 1, c = 2})", R"({"a"={"b"=1 "c"=2}})"},
    {"brace on the next line", "a\n{\n}\n", R"({"a"={}})"},
    {"here-document", "a = <<EOF\nx\n y\nEOF\n", R"({"a"="x\n y\n"})"},
    {"empty here-document", "a = <<EOF\nEOF\n", R"({"a"=""})"},
    {"here-document raw", "a = <<EOF\n\\n \"${x}\" # no\nEOF\n", R"({"a"="\\n \"${x}\" # no\n"})"},
    {"here-document with indented anchor", "a = <<EOF\nx\n  EOF\nb = 1", R"({"a"="x\n  " "b"=1})"},
    {"anchor within a line", "a = <<EOF\nEOFX\nx EOF\nEOF\n", R"({"a"="EOFX\nx EOF\n"})"},
    {"here-document CRLF", "a = <<EOF\r\nx\r\nEOF\r\n", R"({"a"="x\n"})"},
    {"indented", "a = <<-EOF\n  x\n    y\n  EOF\n", R"({"a"="x\n  y\n"})"},
    {"indented, a line with less", "a = <<-EOF\n  x\n y\n  EOF\n", R"({"a"="  x\n y\n"})"},
    {"indented, an empty line", "a = <<-EOF\n  x\n\n  EOF\n", R"({"a"="  x\n\n"})"},
    {"indented with tabs", "a = <<-EOF\n\t\tx\n\tEOF\n", R"({"a"="\x09x\n"})"},
    {"more: indented, anchor at the margin", "a = <<-EOF\n  x\nEOF\n", R"({"a"="  x\n"})"},
    {"more: here-document to the end", "a = <<EOF\nx\nEOF", R"({"a"="x\n"})"},
    {"more: byte order mark",
     "\xEF\xBB\xBF"
     "a = 1",
     R"({"a"=1})"},
};

TEST_CASE("hcl texts") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const auto document = parse(row.text, "f");
    CHECK(document.has_value());
    if (!document) {
      MESSAGE(document.error().text);
      continue;
    }
    CHECK(show(document->root) == row.tree);
  }
}

TEST_CASE("positions") {
  const auto document = parse("# x\na = \"é\" b = 1\nblock \"l\" {\n  c = [1,\n    {}]\n}\n", "f");
  REQUIRE(document.has_value());
  const auto& items = document->root.items;
  CHECK(document->root.position == Position{1, 1});
  CHECK(items[0].keys[0].position == Position{2, 1});
  CHECK(items[0].value.position == Position{2, 5});
  CHECK(items[1].keys[0].position == Position{2, 9});
  CHECK(items[2].keys[1].position == Position{3, 7});
  CHECK(items[2].value.position == Position{3, 11});
  const auto& list = items[2].value.items[0].value;
  CHECK(list.position == Position{4, 7});
  CHECK(list.elements[1].position == Position{5, 5});
}

TEST_CASE("a number keeps how it is written") {
  const auto document = parse("perms = 0600", "f");
  REQUIRE(document.has_value());
  CHECK(document->root.items[0].value.text == "0600");
}

}  // namespace
}  // namespace longshore::hcl
