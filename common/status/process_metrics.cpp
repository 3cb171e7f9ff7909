#include "common/status/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <vector>

#include "common/base/text.h"

namespace longshore::status {
namespace {

std::string read_all(const char* path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Fields of /proc/self/stat after the command, which may hold spaces and parentheses: [0] is field 3 of proc(5).
std::vector<std::string> stat_fields() {
  const std::string text = read_all("/proc/self/stat");
  const std::size_t close = text.rfind(')');
  if (close == std::string::npos) return {};
  std::istringstream rest(text.substr(close + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

double stat_number(const std::vector<std::string>& fields, std::size_t proc_field) {
  const std::size_t at = proc_field - 3;
  return at < fields.size() ? static_cast<double>(base::parse_int(fields[at]).value_or(0)) : 0;
}

double boot_time() {
  std::istringstream lines(read_all("/proc/stat"));
  std::string word;
  while (lines >> word) {
    double seconds = 0;
    if (word == "btime" && lines >> seconds) return seconds;
  }
  return 0;
}

double open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
  if (folder == nullptr) return 0;
  int entries = 0;
  while (readdir(folder.get()) != nullptr) ++entries;
  return entries - 3;  // ".", ".." and the folder's own
}

void add(MetricSet& set, std::string name, std::string help, MetricKind kind, double value) {
  set.push_back({std::move(name), std::move(help), kind, {{{}, value}}});
}

}  // namespace

MetricSet process_metrics() {
  MetricSet set;
  if (const std::vector<std::string> stat = stat_fields(); !stat.empty()) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    add(set, "process_cpu_seconds_total", "User and system CPU time.", MetricKind::counter,
        (stat_number(stat, 14) + stat_number(stat, 15)) / ticks);
    add(set, "process_resident_memory_bytes", "Resident memory.", MetricKind::gauge, stat_number(stat, 24) * page);
    add(set, "process_virtual_memory_bytes", "Virtual memory.", MetricKind::gauge, stat_number(stat, 23));
    add(set, "process_start_time_seconds", "Start of the process, Unix time.", MetricKind::gauge,
        boot_time() + stat_number(stat, 22) / ticks);
  }
  add(set, "process_open_fds", "Open file descriptors.", MetricKind::gauge, open_descriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add(set, "process_max_fds", "Most file descriptors.", MetricKind::gauge, static_cast<double>(limit.rlim_cur));
  return set;
}

}  // namespace longshore::status
