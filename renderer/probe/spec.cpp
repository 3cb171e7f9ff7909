#include "renderer/probe/spec.h"

#include <charconv>

#include "common/base/text.h"

namespace longshore::render {
namespace {

using base::Duration;

std::unexpected<Error> wrong(std::string_view value, std::string_view wanted) {
  return fail(Errc::invalid_input, "\"" + std::string(value) + "\" is not " + std::string(wanted));
}

Result<int> number(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return wrong(text, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

// "2s", or milliseconds without a unit.
Result<Duration> duration(std::string_view text, Duration least, Duration most) {
  Result<Duration> value = base::parse_duration(text);
  if (const auto plain = number(text, 0, 86'400'000)) value = std::chrono::milliseconds(*plain);
  if (!value || *value < least || *value > most)
    return wrong(text, "a time from " + base::format_duration(least) + " to " + base::format_duration(most));
  return *value;
}

bool printable(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c == 0x7F) return false;
  return true;
}

Result<std::string> path_of(std::string_view text) {
  if (text.empty() || text.size() > 1024 || text.front() != '/' || !printable(text)) return wrong(text, "a path");
  return std::string(text);
}

// "GET /health HTTP/1.0"
Status set_request_line(ProbeOverride& into, std::string_view text) {
  const auto words = base::split(std::string(text), ' ');
  if (words.size() < 2 || words.size() > 3 || words[0].empty() || !printable(words[0]) || words[0].size() > 16)
    return wrong(text, "a request line such as GET /health HTTP/1.0");
  LS_TRY(path, path_of(words[1]));
  into.method = words[0];
  into.path = path;
  into.mode = ProbeSpec::Mode::http;
  return {};
}

Status set_statuses(ProbeOverride& into, std::string_view text) {
  const std::size_t dash = text.find('-');
  LS_TRY(from, number(text.substr(0, dash), 100, 599));
  int to = from;
  if (dash != std::string_view::npos) {
    LS_TRY(end, number(text.substr(dash + 1), from, 599));
    to = end;
  }
  into.statuses = std::pair(from, to);
  into.mode = ProbeSpec::Mode::http;
  return {};
}

constexpr Duration kShortest = std::chrono::milliseconds(50);
constexpr Duration kLongest = std::chrono::hours(1);

}  // namespace

Result<ProbeSpec::Mode> parse_probe_mode(std::string_view text) {
  using Mode = ProbeSpec::Mode;
  if (text == "off" || text == "false" || text == "no" || text == "0") return Mode::off;
  if (text == "answer" || text == "on" || text == "true" || text == "yes" || text == "1") return Mode::answer;
  if (text == "http") return Mode::http;
  if (text == "tcp") return Mode::tcp;
  return wrong(text, "off, on, http or tcp");
}

std::string_view to_string(ProbeSpec::Mode mode) {
  constexpr std::string_view kNames[] = {"off", "answer", "http", "tcp"};
  return kNames[static_cast<std::size_t>(mode)];
}

Status set_probe_key(ProbeOverride& into, std::string_view key, std::string_view value) {
  if (key.empty()) {
    LS_TRY(mode, parse_probe_mode(value));
    into.mode = mode;
  } else if (key == "path") {
    LS_TRY(path, path_of(value));
    into.path = path;
    if (!into.mode) into.mode = ProbeSpec::Mode::http;
  } else if (key == "host") {
    if (value.empty() || value.size() > 253 || !printable(value)) return wrong(value, "a host name");
    into.host = std::string(value);
  } else if (key == "port") {
    LS_TRY(port, number(value, 1, 65535));
    into.port = static_cast<std::uint16_t>(port);
  } else if (key == "tls") {
    if (value != "true" && value != "false") return wrong(value, "true or false");
    into.tls = value == "true";
  } else if (key == "status") {
    return set_statuses(into, value);
  } else if (key == "request_line") {
    return set_request_line(into, value);
  } else if (key == "interval") {
    LS_TRY(interval, duration(value, kShortest, kLongest));
    into.interval = interval;
  } else if (key == "timeout" || key == "response_timeout") {
    LS_TRY(timeout, duration(value, kShortest, kLongest));
    into.timeout = timeout;
  } else if (key == "rise" || key == "healthy_threshold") {
    LS_TRY(rise, number(value, 1, 100));
    into.rise = rise;
  } else if (key == "fall" || key == "unhealthy_threshold") {
    LS_TRY(fall, number(value, 1, 100));
    into.fall = fall;
  } else if (key == "admission" || key == "initializing_timeout") {
    Duration limit{};
    if (value != "off" && value != "false") {
      LS_TRY(given, duration(value, Duration{}, kLongest));
      limit = given;
    }
    into.admission = limit;
  } else {
    return fail(Errc::not_found, "no such setting of probes: " + std::string(key));
  }
  return {};
}

void narrow(const ProbeOverride& over, ProbeSpec& spec) {
  if (over.mode) {
    spec.mode = *over.mode;
    spec.stated = true;
  }
  if (over.tls) spec.tls = *over.tls;
  if (over.port) spec.port = *over.port;
  if (over.method) spec.method = *over.method;
  if (over.path) spec.path = *over.path;
  if (over.host) spec.host = *over.host;
  if (over.statuses) std::tie(spec.status_from, spec.status_to) = *over.statuses;
  if (over.interval) spec.interval = *over.interval;
  if (over.timeout) spec.timeout = *over.timeout;
  if (over.admission) spec.admission = *over.admission;
  if (over.rise) spec.rise = *over.rise;
  if (over.fall) spec.fall = *over.fall;
}

ProbeOverride probe_of_meta(const std::map<std::string, std::string>& meta, std::vector<std::string>& complaints) {
  ProbeOverride out;
  const auto take = [&](std::string_view prefix, bool own) {
    for (auto at = meta.lower_bound(std::string(prefix)); at != meta.end() && at->first.starts_with(prefix); ++at) {
      std::string_view key = std::string_view(at->first).substr(prefix.size());
      if (own && !key.empty()) {
        if (key.front() != '_') continue;
        key.remove_prefix(1);
      }
      if (key.empty() && !own) continue;
      const Status set = set_probe_key(out, key, at->second);
      if (!set) complaints.push_back(at->first + ": " + set.error().text);
    }
  };
  take("health_check_", false);
  take("probe", true);
  return out;
}

std::string url_of_output(std::string_view output) {
  if (!output.starts_with("HTTP ")) return {};
  const std::size_t from = output.find(' ', 5);
  if (from == std::string_view::npos || from > 16) return {};
  const std::string_view rest = output.substr(from + 1);
  const std::size_t end = rest.find(": ");
  if (end == std::string_view::npos || end > 512) return {};
  const std::string_view url = rest.substr(0, end);
  return url.starts_with("http://") || url.starts_with("https://") ? std::string(url) : std::string();
}

ProbeOverride probe_of_url(std::string_view url, std::string_view address, std::uint16_t port) {
  ProbeOverride out;
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return out;
  std::string_view rest = url.substr(tls ? 8 : 7);
  const std::size_t slash = rest.find_first_of("/?");
  std::string_view place = rest.substr(0, slash);
  std::string path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  if (path.front() == '?') path.insert(0, "/");
  path = path.substr(0, path.find('#'));
  if (const std::size_t at = place.rfind('@'); at != std::string_view::npos) place.remove_prefix(at + 1);
  std::uint16_t there = tls ? 443 : 80;
  const std::size_t colon = place.rfind(':');
  if (colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos) {
    if (const auto given = number(place.substr(colon + 1), 1, 65535)) there = static_cast<std::uint16_t>(*given);
    place = place.substr(0, colon);
  }
  if (place.starts_with('[') && place.ends_with(']')) place = place.substr(1, place.size() - 2);
  // A check on another port of the agent's own loopback cannot be asked from here.
  if (there != port && place != address) return out;
  if (!printable(path)) return out;
  out.mode = ProbeSpec::Mode::http;
  out.tls = tls;
  out.path = std::move(path);
  out.statuses = std::pair(100, 499);
  if (there != port) out.port = there;
  return out;
}

}  // namespace longshore::render
