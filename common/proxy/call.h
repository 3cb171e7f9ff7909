// Which calls of the Docker API end a container, and which turn the connection into a tunnel. Pure. Source: Engine API
// 1.24 to 1.5x, container endpoints.
#pragma once
#include <optional>
#include <string>

#include "common/net/message_framing.h"

namespace longshore::proxy {

struct EndingCall {
  enum class Kind { stop, restart, kill, remove };
  Kind kind = Kind::stop;
  std::string container;  // name or ID, decoded
  std::string signal;     // kill: as given, "" = KILL; stop and restart (API 1.42): as given, "" = the container's own
  bool operator==(const EndingCall&) const = default;
};

// POST /containers/X/stop, restart and kill, DELETE /containers/X with force; with or without /vN.N. Nothing else.
std::optional<EndingCall> ending_call(const net::MessageHead& head);
const char* to_string(EndingCall::Kind kind);

// Does the call end a container whose stop signal is this? stop, restart and forced remove do; kill does with KILL or
// with the stop signal, by name (with or without SIG) or number.
bool ends_container(const EndingCall& call, const std::string& stop_signal);

// POST …/attach, …/exec/X/start: after a response without a length both sides send raw bytes.
bool may_become_tunnel(const net::MessageHead& head);

}  // namespace longshore::proxy
