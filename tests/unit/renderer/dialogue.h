// Talks to a RenderMachine as the shell does and writes its actions down as short lines, so that a test reads like the
// conversation it is.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "renderer/core/machine.h"
#include "tests/unit/renderer/instances.h"

namespace longshore::render::test {

using Lines = std::vector<std::string>;

// "write out: TEXT", "watch health.service(web)", "run CMD", "log warn event key=value ..".
std::string line_of(const Action& action);

class Dialogue {
 public:
  explicit Dialogue(MachineSettings settings);
  // Templates in memory: source "t0", "t1", ..; destinations "out0", "out1", ...
  static MachineSettings settings(std::size_t templates = 1);

  Lines start() { return tell(input::Start{}); }
  Lines tell(Input input);
  Lines idle() { return tell(input::Idle{}); }
  // Lets time pass up to the next wake-ups, one after another, not beyond.
  Lines wait(base::Duration duration);

  Lines load(std::size_t index, std::string text);
  // start, load one text per template, idle: the first evaluation.
  Lines begin(std::vector<std::string> texts);
  Lines service(const std::string& name, std::vector<consul::ServiceEntry> entries, std::uint64_t index = 10);
  Lines services(consul::ServiceNames names);
  Lines key(const std::string& name, std::optional<std::string> value);
  Lines fail_watch(const Dependency& on, Errc code, std::string text);
  Lines wrote(std::size_t index, FilePlan plan = FilePlan::replace);
  Lines unwritten(std::size_t index, std::string reason);
  Lines ran(bool success = true);

  base::TimePoint now{std::chrono::hours(1)};
  RenderMachine machine;
};

Dependency key_named(std::string name);
Dependency catalog();

}  // namespace longshore::render::test

namespace doctest {
template <>
struct StringMaker<longshore::render::test::Lines> {
  static String convert(const longshore::render::test::Lines& lines) {
    std::string out;
    for (const std::string& line : lines) out += "\n    " + line;
    return (out.empty() ? "\n    (nothing)" : out).c_str();
  }
};
}  // namespace doctest
