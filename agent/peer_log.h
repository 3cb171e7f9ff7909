// Under the name registrator: the lines of the log that its users search for, in the words that it used.
#pragma once
#include <optional>

#include "common/base/log_line.h"

namespace longshore::agent {

// A line without an event, whose one field is the text; nothing for what Registrator has no line for.
// Source: what its head of May 2025 writes: "added: <12 digits> <id>", "removed: …", "ignored: <12 digits> port 80 not
// published on host", "Listening for Docker events ...", "Syncing services on 3 containers".
std::optional<base::LogLine> peer_line(const base::LogLine& line);

}  // namespace longshore::agent
