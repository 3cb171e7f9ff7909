#include "common/proxy/call.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <vector>

namespace longshore::proxy {
namespace {

bool is_version(const std::string& segment) {
  return segment.size() > 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

// The path below the version, decoded.
std::vector<std::string> segments_of(const net::MessageHead& head) {
  const Result<net::Target> target = net::parse_target(head.target);
  if (!target) return {};
  Result<std::vector<std::string>> segments = target->segments();
  if (!segments) return {};
  if (!segments->empty() && is_version(segments->front())) segments->erase(segments->begin());
  return std::move(*segments);
}

std::string query_of(const net::MessageHead& head, std::string_view key) {
  const Result<net::Target> target = net::parse_target(head.target);
  return target ? std::string(target->get(key).value_or("")) : std::string();
}

// Go's strconv.ParseBool as Docker's httputils.BoolValue reads it.
bool is_true(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return !(text.empty() || text == "0" || text == "no" || text == "false" || text == "none");
}

struct Named {
  const char* name;
  int number;
};
constexpr std::array<Named, 9> kSignals = {{{"HUP", SIGHUP},
                                            {"INT", SIGINT},
                                            {"QUIT", SIGQUIT},
                                            {"KILL", SIGKILL},
                                            {"USR1", SIGUSR1},
                                            {"USR2", SIGUSR2},
                                            {"TERM", SIGTERM},
                                            {"WINCH", SIGWINCH},
                                            {"STOP", SIGSTOP}}};

// "SIGTERM", "term", "15" -> "TERM"; others in capitals without SIG.
std::string plain_signal(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (text.starts_with("SIG")) text.erase(0, 3);
  for (const Named& signal : kSignals)
    if (text == std::to_string(signal.number)) return signal.name;
  return text;
}

}  // namespace

std::optional<EndingCall> ending_call(const net::MessageHead& head) {
  const std::vector<std::string> path = segments_of(head);
  if (path.size() < 2 || path[0] != "containers" || path[1].empty()) return std::nullopt;
  if (head.method == "DELETE" && path.size() == 2) {
    if (!is_true(query_of(head, "force"))) return std::nullopt;
    return EndingCall{EndingCall::Kind::remove, path[1], ""};
  }
  if (head.method != "POST" || path.size() != 3) return std::nullopt;
  if (path[2] == "stop") return EndingCall{EndingCall::Kind::stop, path[1], query_of(head, "signal")};
  if (path[2] == "restart") return EndingCall{EndingCall::Kind::restart, path[1], query_of(head, "signal")};
  if (path[2] == "kill") return EndingCall{EndingCall::Kind::kill, path[1], query_of(head, "signal")};
  return std::nullopt;
}

const char* to_string(EndingCall::Kind kind) {
  switch (kind) {
    case EndingCall::Kind::stop:
      return "stop";
    case EndingCall::Kind::restart:
      return "restart";
    case EndingCall::Kind::kill:
      return "kill";
    case EndingCall::Kind::remove:
      return "remove";
  }
  return "";
}

bool ends_container(const EndingCall& call, const std::string& stop_signal) {
  if (call.kind != EndingCall::Kind::kill) return true;
  const std::string sent = plain_signal(call.signal.empty() ? "KILL" : call.signal);
  return sent == "KILL" || sent == plain_signal(stop_signal.empty() ? "TERM" : stop_signal);
}

bool may_become_tunnel(const net::MessageHead& head) {
  if (head.method != "POST") return false;
  const std::vector<std::string> path = segments_of(head);
  return path.size() == 3 &&
         ((path[0] == "containers" && path[2] == "attach") || (path[0] == "exec" && path[2] == "start"));
}

}  // namespace longshore::proxy
