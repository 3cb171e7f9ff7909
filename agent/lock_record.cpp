#include "agent/lock_record.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>

#include "agent/core/ownership.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace longshore::agent {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(base::trim(line));
}

// Field 22 of /proc/<pid>/stat; the second one may hold spaces and brackets. "" when there is no such process, or
// nothing but its exit status.
std::string start_time(long pid) {
  const std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return {};
  const std::vector<std::string> fields = base::split(std::string_view(line).substr(bracket + 2), ' ');
  constexpr std::size_t kStart = 19;  // 22 - 3
  if (fields.size() <= kStart || fields[0] == "Z") return {};
  return fields[kStart];
}

bool read_value(std::string_view value, Process& out) {
  const auto parsed = json::parse(value, "lock");
  if (!parsed || !parsed->is_object()) return false;
  out.host = json::text_or_empty(*parsed, "host");
  out.machine = json::text_or_empty(*parsed, "machine");
  out.boot = json::text_or_empty(*parsed, "boot");
  out.namespace_id = json::text_or_empty(*parsed, "pid_namespace");
  out.started = json::text_or_empty(*parsed, "started");
  out.state_lock = json::text_or_empty(*parsed, "state_lock");
  const auto pid = parsed->find("pid");
  if (pid != parsed->end() && pid->is_number_integer()) out.pid = static_cast<long>(pid->get<std::int64_t>());
  return out.pid > 0;
}

}  // namespace

std::string lock_prefix(std::string_view env, std::string_view node) {
  std::string prefix = "longshore/";
  if (!env.empty()) (prefix += env) += '/';
  return (prefix += "agents/").append(node) + "/";
}

Process this_process() {
  Process self;
  std::array<char, 256> text{};
  if (gethostname(text.data(), text.size() - 1) == 0) self.host = text.data();
  const std::string machine = first_line("/etc/machine-id");
  if (!machine.empty()) self.machine = owner_key("machine " + machine);
  self.boot = first_line("/proc/sys/kernel/random/boot_id");
  text.fill(0);
  if (readlink("/proc/self/ns/pid", text.data(), text.size() - 1) > 0) self.namespace_id = text.data();
  self.pid = getpid();
  self.started = start_time(self.pid);
  return self;
}

std::string lock_value(const Process& process, std::string_view owner) {
  json::Value value = json::Value::object();
  value["version"] = 1;
  value["owner"] = owner;
  value["host"] = process.host;
  value["machine"] = process.machine;
  value["boot"] = process.boot;
  value["pid_namespace"] = process.namespace_id;
  value["pid"] = process.pid;
  value["started"] = process.started;
  if (!process.state_lock.empty()) value["state_lock"] = process.state_lock;
  return json::dump(value);
}

std::string holder_text(std::string_view value) {
  Process holder;
  if (!read_value(value, holder)) return std::string(value.substr(0, 100));
  return holder.host + " pid " + std::to_string(holder.pid);
}

bool is_written_by(std::string_view value, const Process& self) {
  Process holder;
  return read_value(value, holder) && !holder.boot.empty() && holder.boot == self.boot &&
         holder.namespace_id == self.namespace_id && holder.pid == self.pid && holder.started == self.started;
}

bool provably_dead(std::string_view value, const Process& self) {
  Process holder;
  if (!read_value(value, holder) || holder.boot.empty() || is_written_by(value, self)) return false;
  if (holder.boot != self.boot) return !self.machine.empty() && holder.machine == self.machine;
  if (!holder.state_lock.empty() && holder.state_lock == self.state_lock) return true;
  if (holder.namespace_id.empty() || holder.namespace_id != self.namespace_id) return false;
  return start_time(holder.pid) != holder.started;
}

}  // namespace longshore::agent
