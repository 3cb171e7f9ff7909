#include "agent/peer_log.h"

#include <string>
#include <string_view>

namespace longshore::agent {
namespace {

std::string field(const base::LogLine& line, std::string_view name) {
  for (const auto& [key, value] : line.fields)
    if (key == name) return value;
  return {};
}

std::string ignored(const base::LogLine& line) {
  const std::string port = field(line, "port");
  const std::string number = port.substr(0, port.find('/'));
  const std::string reason = field(line, "reason");
  const std::string container = "ignored: " + field(line, "id");
  if (port == "all")
    return container + (reason == "no ports exposed or published" ? " no published ports" : " " + reason);
  if (reason == "not published") return container + " port " + number + " not published on host";
  const bool asked = reason.starts_with("SERVICE_IGNORE") || reason.starts_with("no SERVICE_NAME");
  return container + " service on port " + number + (asked ? std::string() : ": " + reason);
}

std::string text_of(const base::LogLine& line) {
  const std::string id = field(line, "id");
  if (line.event == "service_registered") return "added: " + field(line, "container") + " " + id;
  if (line.event == "service_deregistered") return "removed: " + field(line, "container") + " " + id;
  if (line.event == "register_failed" || line.event == "deregister_failed")
    return line.event.substr(0, line.event.find('_')) + " failed: " + id + " " + field(line, "error");
  if (line.event == "port_skipped") return ignored(line);
  if (line.event == "docker_connected") return "Listening for Docker events ...";
  if (line.event == "syncing") return "Syncing services on " + field(line, "containers") + " containers";
  return {};
}

}  // namespace

std::optional<base::LogLine> peer_line(const base::LogLine& line) {
  std::string text = text_of(line);
  if (text.empty()) return std::nullopt;
  return base::LogLine{line.level, {}, {{"text", std::move(text)}}};
}

}  // namespace longshore::agent
