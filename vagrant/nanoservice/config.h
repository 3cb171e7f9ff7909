// What the environment tells the demo service.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>

namespace longshore::nano {

struct Config {
  std::uint16_t port = 5000;                  // PORT, 1..65535
  std::string version = "dev";                // VERSION
  std::string color = "none";                 // COLOR
  std::chrono::milliseconds listen_delay{0};  // LISTEN_DELAY_MS, at most 10 minutes
  std::chrono::milliseconds grace{8000};      // GRACE in seconds, at most 600; below `docker stop`'s 10 s
  bool die_at_once = false;                   // DIE_AT_ONCE, any value but "" and "0"
  bool operator==(const Config&) const = default;
};

// Empty text = not set.
using Lookup = std::function<std::string(const std::string& name)>;

// The second form is a sentence that names the variable and what it allows.
std::variant<Config, std::string> read_config(const Lookup& lookup);

}  // namespace longshore::nano
