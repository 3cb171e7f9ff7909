#include "common/cli/help.h"

#include <doctest/doctest.h>

#include "common/base/text.h"
#include "tests/unit/cli/sample_table.h"

namespace longshore::cli {
namespace {

TEST_CASE("words are wrapped within the width, long ones stay whole") {
  CHECK(wrap("one two three", 9, 0) == "one two\nthree");
  CHECK(wrap("one two three", 9, 2) == "  one two\n  three");
  CHECK(wrap("a verylongword b", 6, 2) == "  a\n  verylongword\n  b");
  CHECK(wrap("", 10, 2) == "");
  CHECK(wrap("exactly10.", 10, 0) == "exactly10.");
}

TEST_CASE("help shows usage, groups, defaults and variables") {
  Command command;
  command.name = "demo";
  command.summary = "Do a thing.";
  command.usage = {"longshore demo [options] [URI]", "longshore demo -h"};
  command.about = {"More words.", "  kept  as it is"};
  command.options = OptionTable({
      {.names = {"addr"},
       .value_name = "ADDR",
       .help = "Where.",
       .fallback = "127.0.0.1:1",
       .env = {"DEMO_ADDR"},
       .group = "Net"},
      {.names = {"q", "quiet"}, .kind = Kind::boolean, .help = "Say less."},
      {.names = {"l"}, .kind = Kind::list, .help = "A list."},
      {.names = {"name"}, .help = "A name.", .fallback_text = "the host name", .group = "Net"},
      {.names = {"wait"}, .kind = Kind::duration, .help = "A while."},
      {.names = {"tries"}, .kind = Kind::integer, .help = "How often.", .fallback = "3"},
      {.names = {"buried"}, .help = "Hidden.", .hidden = true},
  });
  command.sections = {{"Exit codes", {"0 done", "1 failed"}}};
  CHECK(help_text(command) ==
        "Usage: longshore demo [options] [URI]\n"
        "       longshore demo -h\n"
        "\n"
        "Do a thing.\n"
        "\n"
        "More words.\n"
        "\n"
        "  kept  as it is\n"
        "\n"
        "Net:\n"
        "  -addr ADDR\n"
        "      Where. Default: 127.0.0.1:1. Environment: DEMO_ADDR.\n"
        "  -name TEXT\n"
        "      A name. Default: the host name.\n"
        "\n"
        "Options:\n"
        "  -q, -quiet\n"
        "      Say less.\n"
        "  -l TEXT\n"
        "      A list. May be repeated.\n"
        "  -wait DURATION\n"
        "      A while.\n"
        "  -tries N\n"
        "      How often. Default: 3.\n"
        "\n"
        "Exit codes:\n"
        "  0 done\n"
        "  1 failed\n");
}

TEST_CASE("no line of help is wider than asked") {
  Command command;
  command.usage = {"longshore demo"};
  command.options = sample_table();
  for (const std::string& line : base::split(help_text(command, 40), '\n')) CHECK(line.size() <= 40);
}

}  // namespace
}  // namespace longshore::cli
