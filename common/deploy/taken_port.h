// A container that does not start because a port of the host is taken. One that the engine has chosen is not the user's
// fault, and the engine chooses another one next time; one that somebody typed is said. Pure.
#pragma once
#include <string>
#include <string_view>

#include "common/json/json.h"

namespace longshore::deploy {

// The port of the host that an engine's words about a failed start call taken; 0: they are about something else.
int taken_port(std::string_view words);

// `host_config`: of GET /containers/<id>/json. A range that somebody typed is his, too.
bool is_typed_port(const json::Value& host_config, int port);

// The starts of one container.
class StartTries {
 public:
  struct Verdict {
    bool again = false;
    std::string text;  // again: for people. Otherwise why it does not start.
    bool operator==(const Verdict&) const = default;
  };

  // A start has failed with these words. `host_config`: null where it could not be read, then nothing is tried again.
  Verdict failed(const std::string& name, const std::string& words, const json::Value& host_config);

 private:
  int failures_ = 0;
};

}  // namespace longshore::deploy
