// Registrator's documented examples and what its Go code does at the edges.
#include <doctest/doctest.h>

#include "tests/unit/tmpl_registrator/inspected.h"

using longshore::tmpl::registrator::HttpAnswers;
using longshore::tmpl::registrator::testing::tags;

namespace {

struct Row {
  const char* text;
  const char* expected;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(tags(row.text) == row.expected);
  }
}

}  // namespace

TEST_CASE("parts of strings") {
  check({{"{{strSlice .ID 0 12}}", "e20f9c1a7656"},
         {"{{strSlice \"abcdef\" 2}}", "cdef"},
         {"{{strSlice \"abcdef\" 6}}|{{strSlice \"abcdef\" 7}}", "|abcdef"},
         {"{{strSlice \"abcdef\" 2 4}}", "cd"},
         {"{{strSlice \"abcdef\" 4 2}}", "ef"},
         {"{{strSlice \"abcdef\" 2 7}} {{strSlice \"abcdef\"}} {{strSlice \"abcdef\" 1 2 3}}", "abcdef abcdef abcdef"},
         {"{{strSlice \"abc\" -1}}",
          "error: template: tags:1:2: executing \"tags\" at <strSlice \"abc\" -1>: error calling strSlice: runtime "
          "error: slice bounds out of range [-1:]"},
         {"{{strSlice \"abc\" 0 -1}}",
          "error: template: tags:1:2: executing \"tags\" at <strSlice \"abc\" 0 -1>: error calling strSlice: runtime "
          "error: slice bounds out of range [:-1]"},
         {"{{toUpper \"foo\"}} {{toLower \"FoO\"}}", "FOO foo"},
         {"{{replace -1 \"=\" \"\" \"=foo=\"}} {{replace 1 \"=\" \"-\" \"=foo=\"}} {{replace 0 \"=\" \"-\" \"=\"}}",
          "foo -foo= ="},
         {"{{replace 2 \"\" \".\" \"abc\"}} {{replace -1 \"\" \".\" \"abc\"}}", ".a.bc .a.b.c."}});
}

TEST_CASE("lists and maps") {
  check(
      {{"{{sIndex 0 .Config.Env}}", "ENVIRONMENT=test"},
       {"{{sIndex -1 .Config.Env}} {{sIndex -9 .Config.Env}} {{sIndex 9 .Config.Env}}",
        "SERVICE_9404_NAME=bar ENVIRONMENT=test SERVICE_9404_NAME=bar"},
       {"{{mIndex \"com.amazonaws.ecs.task-arn\" .Config.Labels}}|{{mIndex \"nope\" .Config.Labels}}|",
        "arn:aws:ecs:region:task/368f4403||"},
       {"{{join \",\" .Config.Env}}", "ENVIRONMENT=test,SERVICE_8105_NAME=foo,HOME=/home/foobar,SERVICE_9404_NAME=bar"},
       {"{{split \",\" \"/proc/bus,/proc/fs,/proc/irq\"}} {{len (split \",\" \"\")}}",
        "[/proc/bus /proc/fs /proc/irq] 1"},
       {"{{split \" \" \" a \"}}", "[ a ]"},
       {"{{splitIndex -1 \"/\" \"arn:aws:ecs:region:task/368f4403-0ee4\"}}", "368f4403-0ee4"},
       {"{{splitIndex 0 \"/\" \"a/b\"}}{{splitIndex 1 \"/\" \"a/b\"}}{{splitIndex 5 \"/\" \"a/b\"}}{{splitIndex -5 "
        "\"/\" \"a/b\"}}",
        "abba"},
       {"{{split \"/\" \"a/b\" | sIndex 1}}", "b"},
       {"{{matchFirstElement \"^SERVICE_\" .Config.Env}}|{{matchFirstElement \"^X\" .Config.Env}}|",
        "SERVICE_8105_NAME=foo||"},
       {"{{matchAllElements \"^SERVICE_\" .Config.Env}} {{matchAllElements \"^X\" .Config.Env}}",
        "[SERVICE_8105_NAME=foo SERVICE_9404_NAME=bar] []"},
       {"{{range matchAllElements \"NAME\" .Config.Env}}{{splitIndex 1 \"=\" .}},{{end}}", "foo,bar,"},
       {"{{matchFirstElement \"(\" .Config.Env}}",
        "error: template: tags:1:2: executing \"tags\" at <matchFirstElement \"(\" .Config.Env>: error calling "
        "matchFirstElement: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`"},
       {"{{sIndex 0 .Mounts}}",
        "error: template: tags:1:11: executing \"tags\" at <.Mounts>: wrong type for value; expected []string; got "
        "[]docker.Mount"},
       {"{{sIndex 0 .HostConfig.Binds}}",
        "error: template: tags:1:2: executing \"tags\" at <sIndex 0 .HostConfig.Binds>: error calling sIndex: "
        "runtime error: index out of range [-1]"}});
}

TEST_CASE("httpGet asks whoever evaluates, once for each URL") {
  constexpr const char* kText =
      "{{jsonParse (httpGet \"http://meta/a\") \"Additional::Country\"}},{{jsonParse (httpGet \"http://meta/b\") "
      "\"x::[1]\"}},{{jsonParse (httpGet \"http://meta/a\") \"nope\"}}";
  CHECK(tags(kText) == "waiting: http://meta/a http://meta/b");
  HttpAnswers answers{{"http://meta/a", R"({"Additional": {"Country": "United States"}})"}};
  CHECK(tags(kText, answers) == "waiting: http://meta/b");
  answers["http://meta/b"] = "";  // failed
  CHECK(tags(kText, answers) == "United States,,");
  answers["http://meta/b"] = R"({"x":[1,22]})";
  CHECK(tags(kText, answers) == "United States,22,");
}

TEST_CASE("an unknown answer hides errors that come of it") {
  CHECK(tags("{{index (split \",\" (jsonParse (httpGet \"u\") \"a\")) 1}}") == "waiting: u");
  CHECK(tags("{{index (split \",\" (jsonParse (httpGet \"u\") \"a\")) 1}}", {{"u", R"({"a":"x,y"})"}}) == "y");
}

TEST_CASE("bytes print as Go prints them") {
  CHECK(tags("{{httpGet \"u\"}} {{len (httpGet \"u\")}} {{printf \"%s\" (httpGet \"u\")}}", {{"u", "ab"}}) ==
        "[97 98] 2 ab");
  CHECK(tags("{{jsonParse (slice (httpGet \"u\") 1) \"a\"}}", {{"u", R"(x{"a":"b"})"}}) == "b");
}

TEST_CASE("the template itself") {
  check({{"a,b", "a,b"},
         {"{{.ID", "error: template: tags:1: unclosed action"},
         {"{{nope}}", "error: template: tags:1: function \"nope\" not defined (did you mean \"ne\"?)"},
         {"{{timestamp}}", "error: template: tags:1: function \"timestamp\" not defined"}});
  CHECK(tags("{{range split \",\" .Config.Hostname}}{{range split \"\" $.ID}}{{range split \"\" $.ID}}{{range split "
             "\"\" $.ID}}x{{end}}{{end}}{{end}}{{end}}")
            .find("exceeded") != std::string::npos);
}
