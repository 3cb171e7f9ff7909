// Command lines of script checks. Expected words are those of dash: `printf '<%s>' WORDS`.
#include "agent/core/shell_words.h"

#include <doctest/doctest.h>

using namespace longshore::agent;
using Texts = std::vector<std::string>;

TEST_CASE("words as a shell splits them") {
  struct Row {
    const char* line;
    Texts want;
  };
  const Row rows[] = {
      {"curl -f http://10.0.0.5:80/h", {"curl", "-f", "http://10.0.0.5:80/h"}},
      {"  a   b\tc  ", {"a", "b", "c"}},
      {"a 'b c' d", {"a", "b c", "d"}},
      {"a \"b c\" d", {"a", "b c", "d"}},
      {"a\\ b c", {"a b", "c"}},
      {"a 'it'\\''s'", {"a", "it's"}},
      {"a \"say \\\"x\\\"\"", {"a", "say \"x\""}},
      {"a \"\\n\"", {"a", "\\n"}},
      {"a '' \"\"", {"a", "", ""}},
      {"a b'c'\"d\"e", {"a", "bcde"}},
      {"a '|' '$x' \"; &\"", {"a", "|", "$x", "; &"}},
      {"a x=1 #b", {}},
      {"a x=1 b#c", {"a", "x=1", "b#c"}},
      {"a \\\nb", {"a", "b"}},
      {"a \\$x", {"a", "$x"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(split_words(row.line).value_or(Texts{}) == row.want);
  }
}

TEST_CASE("what needs a shell gets one") {
  for (const char* line :
       {"a | b", "a && b", "a; b", "a > f", "a < f", "echo $HOME", "echo \"$HOME\"", "echo `id`", "echo \"`id`\"",
        "ls *", "ls a?", "ls [ab]", "(a)", "X=1 a", "~/probe", "# nothing", "a 'open", "a \"open", "a \\"}) {
    CAPTURE(line);
    CHECK_FALSE(split_words(line));
    CHECK(command_of(line) == Texts{"/bin/sh", "-c", line});
  }
  CHECK(command_of("") == Texts{"/bin/sh", "-c", ""});
  CHECK(command_of("probe 'a b'") == Texts{"probe", "a b"});
}
