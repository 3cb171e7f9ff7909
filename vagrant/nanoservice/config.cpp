#include "vagrant/nanoservice/config.h"

#include <charconv>
#include <optional>

namespace longshore::nano {
namespace {

std::optional<long> number(const std::string& text, long low, long high) {
  long value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < low || value > high) return std::nullopt;
  return value;
}

// The answer is one line of plain text: what would break the line is shown as '?'.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

std::variant<Config, std::string> read_config(const Lookup& lookup) {
  Config config;
  std::string problem;
  const auto read_number = [&](const char* name, long low, long high, auto store) {
    const std::string text = lookup(name);
    if (text.empty() || !problem.empty()) return;
    if (const auto value = number(text, low, high)) {
      store(*value);
    } else {
      problem = std::string(name) + "=" + printable(text) + ": expected a whole number from " + std::to_string(low) +
                " to " + std::to_string(high);
    }
  };
  read_number("PORT", 1, 65535, [&](long v) { config.port = static_cast<std::uint16_t>(v); });
  read_number("LISTEN_DELAY_MS", 0, 600000, [&](long v) { config.listen_delay = std::chrono::milliseconds(v); });
  read_number("GRACE", 0, 600, [&](long v) { config.grace = std::chrono::seconds(v); });
  if (!problem.empty()) return problem;

  if (const std::string version = lookup("VERSION"); !version.empty()) config.version = printable(version);
  if (const std::string color = lookup("COLOR"); !color.empty()) config.color = printable(color);
  const std::string die = lookup("DIE_AT_ONCE");
  config.die_at_once = !die.empty() && die != "0";
  return config;
}

}  // namespace longshore::nano
