#include "renderer/settings/finalize_groups.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "common/base/hash.h"
#include "common/net/endpoint.h"
#include "renderer/settings/finalize_templates.h"

namespace longshore::render::settings {
namespace {

using apply::GroupSpec;

Result<std::optional<Followup>> target_of(const Group& from) {
  std::vector<Followup> targets;
  const int signal = from.signal && from.signal->number != 0 ? from.signal->number : SIGHUP;
  const auto add = [&](Followup::Kind kind, std::string what) {
    Followup& one = targets.emplace_back();
    one.kind = kind;
    one.what = Command(std::move(what));
    one.signal = signal;
  };
  if (from.command && !from.command->empty()) {
    Followup& one = targets.emplace_back();
    one.what = *from.command;
    one.timeout = from.command_timeout.value_or(std::chrono::seconds(30));
  }
  if (from.pid_file) add(Followup::Kind::reload, *from.pid_file);
  if (from.pid) add(Followup::Kind::pid, std::to_string(*from.pid));
  if (from.container) add(Followup::Kind::container, *from.container);
  if (from.child.value_or(false)) add(Followup::Kind::child, "child");
  if (targets.size() > 1)
    return fail(Errc::invalid_input,
                "group \"" + from.name + "\": give one of command, pid_file, pid, container and child");
  if (targets.empty()) return std::optional<Followup>();
  return std::optional(targets.front());
}

// Of a group; `all` where it says nothing itself.
Result<apply::TurnSettings> turn_of(const Fleet& from, const Fleet& all) {
  const auto wrong = [](const char* text) { return fail(Errc::invalid_input, std::string("fleet: ") + text); };
  apply::TurnSettings out;
  out.splay = from.splay.value_or(all.splay.value_or(out.splay));
  out.semaphore = from.semaphore.value_or(all.semaphore.value_or(""));
  out.patience = from.patience.value_or(all.patience.value_or(out.patience));
  const std::int64_t limit = from.limit.value_or(all.limit.value_or(1));
  if (out.splay.count() < 0 || out.splay > std::chrono::hours(1)) return wrong("splay: 0s to 1h");
  if (out.patience.count() < 0 || out.patience > std::chrono::hours(1)) return wrong("patience: 0s to 1h");
  if (limit < 1 || limit > 100) return wrong("limit: 1 to 100");
  if (!is_key_part(out.semaphore)) return wrong("semaphore: letters, digits, '.', '_' and '-' only");
  out.limit = static_cast<int>(limit);
  return out;
}

Result<GroupSpec> spec_of(const Group& from, const Fleet& fleet) {
  const auto wrong = [&](const std::string& text) {
    return fail(Errc::invalid_input, "group \"" + from.name + "\": " + text);
  };
  GroupSpec out;
  out.name = from.name;
  if (from.name.empty()) return fail(Errc::invalid_input, "group: give it a name: group \"NAME\" { .. }");
  out.check = from.check.value_or(Command());
  out.check_timeout = from.check_timeout.value_or(std::chrono::seconds(30));
  LS_TRY(tell, target_of(from));
  out.tell = tell;
  out.confirm_timeout = from.confirm_timeout.value_or(std::chrono::seconds(10));
  out.generation_address = from.confirm_address.value_or("");
  out.generation_file = from.confirm_file.value_or("");
  if (!out.generation_address.empty()) {
    const auto endpoint = net::parse_host_port(out.generation_address);
    if (!endpoint || endpoint->port == 0)
      return wrong("confirm_address: " + out.generation_address + " is no HOST:PORT");
  }
  if (!out.generation_file.empty() && out.generation_address.empty())
    return wrong("confirm_file needs confirm_address: where the server block is to listen");
  // A container's workers cannot be seen; a command may be about anything.
  const bool seen = out.tell && (out.tell->kind == Followup::Kind::reload || out.tell->kind == Followup::Kind::pid);
  out.confirm = from.confirm.value_or((seen && out.tell->signal == SIGHUP) || !out.generation_address.empty());
  if (out.confirm && !out.tell) return wrong("confirm: there is nobody to be told");
  if (out.confirm && out.tell->kind == Followup::Kind::container && out.generation_address.empty())
    return wrong("confirm: give a confirm_address, the workers of a container cannot be seen");
  out.quarantine = from.quarantine.value_or(false);
  if (out.quarantine && !out.checked()) return wrong("quarantine needs a check");
  LS_TRY(wait, window_of(from.wait));
  out.wait = wait.value_or(WaitWindow());
  const std::int64_t per_minute = from.reloads_per_minute.value_or(300);
  const std::int64_t generations = from.generations.value_or(8);
  if (per_minute < 10 || per_minute > 6000) return wrong("reloads_per_minute: 10 to 6000");
  if (generations < 2 || generations > 1000) return wrong("generations: 2 to 1000");
  out.budget.per_minute = static_cast<int>(per_minute);
  out.budget.generations = static_cast<int>(generations);
  LS_TRY(turn, turn_of(from.fleet, fleet));
  out.turn = turn;
  return out;
}

// Stable across restarts: the journal has it in its name.
std::string implicit_name(const std::string& target) {
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(base::fnv1a(target)));
  return std::string("auto-") + hash;
}

std::optional<Followup> own_target(const TemplateSpec& spec, const MachineSettings& machine) {
  Followup out;
  if (!spec.command.empty()) {
    out.what = spec.command;
    out.timeout = spec.command_timeout;
    out.environment = spec.command_environment;
    return out;
  }
  if (machine.reload_pid_file.empty()) return std::nullopt;
  out.kind = Followup::Kind::reload;
  out.what = Command(machine.reload_pid_file);
  out.timeout = {};
  return out;
}

// Tells a line for the shell from a list of the same words: they are different commands.
std::string key_of(const Followup& target) {
  std::string key = std::to_string(static_cast<int>(target.kind));
  for (const std::string& word : target.what.words) key += '\0' + word;
  return key;
}

// A template without a group of its own: with those that tell the same one and are checked alike.
void join_implicit(TemplateSpec& spec, const Template& from, const apply::TurnSettings& turn,
                   MachineSettings& machine) {
  const auto target = own_target(spec, machine);
  const Command check = from.check.value_or(Command());
  if (!target && check.empty()) return;
  std::string key = target ? key_of(*target) : "nobody " + spec.destination;
  if (!check.empty()) key += " checked by " + to_string(check);
  const std::string name = implicit_name(key);
  spec.group = name;
  const auto known = std::ranges::find(machine.groups, name, &GroupSpec::name);
  if (known != machine.groups.end()) {
    if (target && known->tell) known->tell->timeout = std::max(known->tell->timeout, target->timeout);
    return;
  }
  GroupSpec& group = machine.groups.emplace_back();
  group.name = name;
  group.implicit = true;
  group.check = check;
  group.check_timeout = from.check_timeout.value_or(std::chrono::seconds(30));
  group.tell = target;
  group.confirm = target && target->kind == Followup::Kind::reload;
  group.wait = spec.wait.value_or(machine.wait);
  group.turn = turn;
}

}  // namespace

bool is_key_part(const std::string& text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
         std::string::npos;
}

Status make_groups(const Settings& settings, Name name, MachineSettings& machine) {
  LS_TRY(turn, turn_of({}, settings.fleet));
  for (const Group& from : settings.groups) {
    LS_TRY(spec, spec_of(from, settings.fleet));
    machine.groups.push_back(spec);
  }
  // First those that belong to nobody, in their order, then those of the groups.
  for (std::size_t i = 0; i < machine.templates.size(); ++i) {
    TemplateSpec& spec = machine.templates[i];
    if (spec.group.empty()) {
      const Template& from = settings.templates[i];
      if (name == Name::own || from.check) join_implicit(spec, from, turn, machine);
    } else if (!spec.command.empty()) {
      return fail(Errc::invalid_input,
                  "template " + spec.label() + ": in group \"" + spec.group + "\" only the group has a command");
    }
  }
  for (const Group& group : settings.groups)
    for (const Template& from : group.templates)
      if (from.check)
        return fail(Errc::invalid_input, "template " + from.source.value_or("") + ": in group \"" + group.name +
                                             "\" only the group has a check");
  return {};
}

}  // namespace longshore::render::settings
