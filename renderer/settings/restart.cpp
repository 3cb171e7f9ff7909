#include "renderer/settings/restart.h"

#include "renderer/settings/print.h"

namespace longshore::render::settings {
namespace {

template <class Member>
bool same(const Settings& before, const Settings& after, Member Settings::*member) {
  Settings left, right;
  left.*member = before.*member;
  right.*member = after.*member;
  return print(left) == print(right);
}

}  // namespace

std::vector<std::string> restart_keys(const Settings& before, const Settings& after) {
  std::vector<std::string> out;
  const auto compare = [&](const char* key, auto member) {
    if (!same(before, after, member)) out.emplace_back(key);
  };
  const auto supervises = [](const Settings& settings) {
    return settings.exec.command && !settings.exec.command->empty();
  };
  if (supervises(before) && !supervises(after)) out.emplace_back("exec.command");
  compare("http_addr", &Settings::http_addr);
  compare("kill_signal", &Settings::kill_signal);
  compare("log_file", &Settings::log_file);
  compare("log_format", &Settings::log_format);
  compare("once", &Settings::once);
  compare("parseonly", &Settings::parse_only);
  compare("pid_file", &Settings::pid_file);
  compare("reload_signal", &Settings::reload_signal);
  compare("syslog", &Settings::syslog);
  return out;
}

}  // namespace longshore::render::settings
