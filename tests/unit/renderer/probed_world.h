// A whole RenderMachine whose backends answer or not, and the file that comes of it.
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/renderer/dialogue.h"
#include "tests/unit/renderer/instances.h"

namespace longshore::render::test {

// "web-N" on "nN", at 10.0.0.N.
inline consul::ServiceEntry web_entry(int number) {
  const std::string text = std::to_string(number);
  return entry("n" + text, "web-" + text, "web", "10.0.0." + text, 80);
}

// A machine whose backends answer or not; every probe is replied to at once.
struct Probed {
  explicit Probed(MachineSettings chosen = settings()) : dialogue(std::move(chosen)) {
    dialogue.begin({R"({{ range service "web" }}{{ .ID }} {{ end }})"});
    answer({web_entry(1), web_entry(2)});
    pass(std::chrono::seconds(3));
  }
  static MachineSettings settings() {
    MachineSettings out = Dialogue::settings();
    out.probe.enabled = true;
    return out;
  }

  void take(const Lines& lines) {
    for (const std::string& line : lines) {
      if (line.starts_with("write ")) {
        file = line.substr(12);
        ++writes;
        take(dialogue.wrote(0));
      } else if (line.starts_with("log ")) {
        logs.push_back(line.substr(4));
      }
    }
  }
  void tell(Input input) {
    Actions actions = dialogue.machine.step(std::move(input), dialogue.now);
    Lines lines;
    for (const Action& action : actions) {
      if (const auto* start = std::get_if<action::StartProbe>(&action))
        asked.push_back(start->order);
      else
        lines.push_back(line_of(action));
    }
    take(lines);
  }
  void reply() {
    for (const ProbeOrder& order : std::exchange(asked, {})) {
      const auto found = kinds.find(order.address);
      ProbeReply answer;
      answer.kind = found == kinds.end() ? ProbeReply::Kind::passed : found->second;
      answer.connected = answer.kind != ProbeReply::Kind::refused;
      tell(input::ProbeReplied{order.id, answer});
    }
  }
  void pass(base::Duration duration) {
    const base::TimePoint end = dialogue.now + duration;
    while (dialogue.now < end) {
      dialogue.now += std::chrono::milliseconds(5);
      tell(input::Idle{});
      reply();
    }
  }
  void answer(std::vector<consul::ServiceEntry> entries, std::uint64_t index = 20) {
    tell(input::Answered{service_named("web"), std::move(entries), index});
  }
  bool said(const std::string& event) const {
    return std::ranges::any_of(logs,
                               [&](const std::string& line) { return line.find(" " + event) != std::string::npos; });
  }

  Dialogue dialogue;
  std::map<std::string, ProbeReply::Kind> kinds;
  std::vector<ProbeOrder> asked;
  std::string file;
  int writes = 0;
  Lines logs;
};

}  // namespace longshore::render::test
