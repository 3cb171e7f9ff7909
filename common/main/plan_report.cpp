#include "common/main/plan_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "common/base/text.h"
#include "common/base/text_diff.h"
#include "common/json/json.h"
#include "renderer/settings/signal_name.h"

namespace longshore::app {
namespace {

std::string diff_of(const render::PlannedFile& file) {
  const auto& current = file.forecast.current;
  return base::unified_diff(current.value_or(""), file.text, current ? file.path : "/dev/null", file.path);
}

std::string describe(const render::CheckVerdict& verdict) {
  std::string text = "plan: the check of group " + verdict.group + " (" + verdict.command + ") ";
  if (verdict.kind == render::CheckVerdict::Kind::passed) return text + "passes\n";
  const bool refused = verdict.kind == render::CheckVerdict::Kind::refused;
  text += refused ? "refuses this" : "could not be run";
  if (refused && verdict.quarantine) text += "; the part that spoils it would be left out";
  if (refused && !verdict.quarantine) text += "; nothing of it would go live";
  text += ":\n";
  for (const std::string& line : base::split(verdict.output, '\n'))
    if (!line.empty()) text += "plan:   " + line + "\n";
  return text;
}

std::string name_of(int signal) {
  const std::string name = render::settings::signal_name(signal);
  return name.empty() ? "signal " + std::to_string(signal) : name;
}

// "0644 -> 0600"; of a file that is new: "0600".
std::string arrow(const render::AttributeChange& change) {
  return (change.before.empty() ? "" : change.before + " -> ") + change.after;
}

std::string describe(const render::PlannedFile& file) {
  std::string text;
  const std::string head = "plan: " + file.path + ": ";
  if (!file.forecast.current && file.text.empty()) text += head + "would be made, empty\n";
  if (file.forecast.mode) text += head + "permissions " + arrow(*file.forecast.mode) + "\n";
  if (file.forecast.owner) text += head + "owner " + arrow(*file.forecast.owner) + "\n";
  if (!file.forecast.backup.empty()) text += head + "the old one would be kept as " + file.forecast.backup + "\n";
  return text;
}

bool restarts(const render::PlannedProgram& program) {
  return program.outdated && !program.settings.reload_signal;
}

std::set<int> signals_of(const render::PlannedProgram& program) {
  std::set<int> signals = program.signals;
  if (program.outdated && program.settings.reload_signal.value_or(0) != 0)
    signals.insert(*program.settings.reload_signal);
  return signals;
}

// What becomes of the supervised program, in either case.
std::string describe(const render::PlannedProgram& program) {
  const std::string command = to_string(program.settings.command);
  std::string splay;
  if (program.settings.splay.count() > 0) splay = " within " + base::format_duration(program.settings.splay);
  if (restarts(program)) {
    const int kill = program.settings.kill_signal;
    const std::string how =
        kill == 0 ? std::string("SIGKILL")
                  : name_of(kill) + ", SIGKILL after " + base::format_duration(program.settings.kill_timeout);
    return "then the program would be restarted" + splay + " (" + how + "), or started if it does not run: " + command;
  }
  std::vector<std::string> names;
  for (const int number : signals_of(program)) names.push_back(name_of(number));
  if (!names.empty())
    return "then the program would get " + base::join(names, " and ") + splay +
           ", or be started if it does not run: " + command;
  return "the program would hear nothing, and be started if it does not run: " + command;
}

std::vector<std::string> verdict(const render::Plan& plan) {
  std::vector<std::string> lines;
  const std::size_t changed = plan.files.size();
  if (changed == 0)
    lines.push_back("no changes in " + std::to_string(plan.unchanged) + " files; nothing would be reloaded");
  else
    lines.push_back(std::to_string(changed) + " of " + std::to_string(changed + plan.unchanged) +
                    " files would change");
  for (const std::string& command : plan.commands) lines.push_back("then this would run: " + command);
  for (const render::PlannedReload& reload : plan.reloads)
    lines.push_back("then " + name_of(reload.signal) + " would go to the process in " + reload.pid_file);
  if (plan.program) lines.push_back(describe(*plan.program));
  if (changed != 0 && plan.commands.empty() && plan.reloads.empty() && !plan.program)
    lines.emplace_back("nothing would be reloaded");
  return lines;
}

json::Value as_json(const render::AttributeChange& change) {
  json::Value out;
  if (!change.before.empty()) out["from"] = change.before;
  out["to"] = change.after;
  return out;
}

json::Value as_json(const render::PlannedProgram& program) {
  json::Value out;
  out["command"] = to_string(program.settings.command);
  out["if_not_running"] = "start";
  out["if_running"] = "nothing";
  json::Value signals = json::Value::array();
  for (const int number : signals_of(program)) signals.push_back(name_of(number));
  if (!signals.empty()) {
    out["if_running"] = "signal";
    out["signals"] = std::move(signals);
  }
  if (restarts(program)) {
    out["if_running"] = "restart";
    out["kill_signal"] = name_of(program.settings.kill_signal);
    out["kill_timeout"] = base::format_duration(program.settings.kill_timeout);
  }
  if (program.settings.splay.count() > 0) out["splay"] = base::format_duration(program.settings.splay);
  return out;
}

// What is followed in the same way, together: of thousands of services each alone would say nothing.
std::string as_text(const PlannedQueries& queries) {
  constexpr std::size_t kNamed = 5;
  std::map<std::string, std::vector<std::string>> by_how;
  for (const auto& [on, how] : queries) by_how[how].push_back(to_string(on));
  std::string text;
  for (const auto& [how, names] : by_how) {
    text += "query: " + std::to_string(names.size()) + " by " + how + ":";
    for (std::size_t i = 0; i < std::min(kNamed, names.size()); ++i) text += " " + names[i];
    if (names.size() > kNamed) text += " …";
    text += "\n";
  }
  return text;
}

}  // namespace

std::string plan_text(const render::Plan& plan, const Verdicts& checks, const PlannedQueries& queries) {
  std::string text;
  for (const render::PlannedFile& file : plan.files) text += diff_of(file);
  for (const std::string& directory : plan.directories) text += "plan: " + directory + "/ would be made (0755)\n";
  for (const render::PlannedFile& file : plan.files) text += describe(file);
  for (const render::CheckVerdict& check : checks) text += describe(check);
  for (const std::string& line : verdict(plan)) text += "plan: " + line + "\n";
  return text + as_text(queries);
}

std::string plan_json(const render::Plan& plan, const Verdicts& checks, const PlannedQueries& queries, bool complete) {
  json::Value out;
  out["version"] = 1;
  out["complete"] = complete;
  out["changes"] = json::Value::array();
  for (const render::PlannedFile& file : plan.files) {
    json::Value item;
    item["destination"] = file.path;
    item["kind"] = !file.forecast.current ? "create" : file.same_text() ? "attributes" : "replace";
    item["diff"] = diff_of(file);
    if (file.forecast.mode) item["mode"] = as_json(*file.forecast.mode);
    if (file.forecast.owner) item["owner"] = as_json(*file.forecast.owner);
    if (!file.forecast.backup.empty()) item["backup"] = file.forecast.backup;
    out["changes"].push_back(std::move(item));
  }
  out["unchanged"] = plan.unchanged;
  out["directories"] = plan.directories;
  out["checks"] = json::Value::array();
  for (const render::CheckVerdict& check : checks) {
    json::Value item;
    item["group"] = check.group;
    item["command"] = check.command;
    item["result"] = to_string(check.kind);
    if (!check.output.empty()) item["output"] = check.output;
    out["checks"].push_back(std::move(item));
  }
  out["commands"] = plan.commands;
  out["reload_pid_file"] = plan.reloads.empty() ? "" : plan.reloads.front().pid_file;
  out["reloads"] = json::Value::array();
  for (const render::PlannedReload& reload : plan.reloads)
    out["reloads"].push_back({{"pid_file", reload.pid_file}, {"signal", name_of(reload.signal)}});
  if (plan.program) out["program"] = as_json(*plan.program);
  if (!queries.empty()) out["queries"] = json::Value::array();
  for (const auto& [on, how] : queries) {
    json::Value item;
    item["dependency"] = to_string(on);
    item["how"] = how;
    out["queries"].push_back(std::move(item));
  }
  return json::dump(out, 2) + "\n";
}

}  // namespace longshore::app
