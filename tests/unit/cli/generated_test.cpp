// Man pages and completions that are made from a Command.
#include <doctest/doctest.h>

#include "common/cli/completion.h"
#include "common/cli/man.h"

namespace longshore::cli {
namespace {

Command demo() {
  Command command;
  command.name = "demo";
  command.summary = "Do a thing.";
  command.usage = {"longshore demo [options]"};
  command.about = {"More words."};
  command.options = OptionTable({
      {.names = {"c", "config"},
       .value_name = "FILE",
       .help = "Read [this]: it's a file. Later ones win.",
       .group = "Input"},
      {.names = {"q"}, .kind = Kind::boolean, .help = "Say less."},
      {.names = {"l"}, .kind = Kind::list, .help = "A list."},
      {.names = {"buried"}, .help = "Hidden.", .hidden = true},
  });
  command.sections = {{"Exit codes", {"0 done"}}};
  return command;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("roff text keeps what roff would eat") {
  CHECK(roff("a-b") == "a\\-b");
  CHECK(roff("C:\\x") == "C:\\ex");
  CHECK(roff(".dot\n'quote\nx.y") == "\\&.dot\n\\&'quote\nx.y");
}

TEST_CASE("a man page") {
  CHECK(man_page(demo(), "1.2.3") ==
        ".TH \"LONGSHORE-DEMO\" 1 \"\" \"longshore 1.2.3\" \"User Commands\"\n"
        ".SH NAME\n"
        "longshore\\-demo \\- Do a thing.\n"
        ".SH SYNOPSIS\n"
        ".B longshore demo [options]\n"
        ".br\n"
        ".SH DESCRIPTION\n"
        "Do a thing.\n"
        ".PP\n"
        "More words.\n"
        ".SH OPTIONS\n"
        ".SS Input\n"
        ".TP\n"
        ".B \\-c, \\-config FILE\n"
        "Read [this]: it's a file. Later ones win.\n"
        ".TP\n"
        ".B \\-q\n"
        "Say less.\n"
        ".TP\n"
        ".B \\-l TEXT\n"
        "A list. May be repeated.\n"
        ".SH \"EXIT CODES\"\n"
        ".PP\n"
        "0 done\n"
        ".SH \"SEE ALSO\"\n"
        ".BR longshore (1)\n");
  CHECK(has(man_overview({demo()}, "1.2.3"), ".TP\n.B demo\nDo a thing. See\n.BR longshore\\-demo (1).\n"));
}

TEST_CASE("completions know verbs, options and files, and hide what help hides") {
  const std::string bash = bash_completion({demo()});
  CHECK(has(bash, "compgen -W 'demo help'"));
  CHECK(has(bash, "-c|-config) COMPREPLY=($(compgen -f"));
  CHECK(has(bash, "demo) COMPREPLY=($(compgen -W '-c -config -q -l -h'"));
  const std::string zsh = zsh_completion({demo()});
  CHECK(has(zsh, "'demo:Do a thing.'"));
  // Brackets and colons would end the description.
  CHECK(has(zsh, "'-config[Read  this   it'\\''s a file]:value:_files'"));
  CHECK(has(zsh, "'-q[Say less]'"));
  CHECK(has(zsh, "'*-l[A list]:value: '"));
  const std::string fish = fish_completion({demo()});
  CHECK(has(fish, "-a demo -d 'Do a thing.'"));
  CHECK(has(fish, "'__fish_seen_subcommand_from demo' -o 'config' -r -F -d 'Read"));
  CHECK(has(fish, "-o 'q' -d 'Say less'"));
  for (const std::string& script : {bash, zsh, fish}) CHECK_FALSE(has(script, "buried"));
}

}  // namespace
}  // namespace longshore::cli
