// How one instance is asked whether it answers: defaults, settings for its service, what Consul's own check asks, and
// the instance's Meta, each over the one before.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/base/result.h"

namespace longshore::render {

struct ProbeSpec {
  enum class Mode : std::uint8_t {
    off,
    answer,  // GET; any byte counts as an answer
    http,    // GET; the status counts
    tcp,     // a connection counts: a frozen process passes
  };
  Mode mode = Mode::answer;
  bool stated = false;     // somebody named the mode: no falling back to tcp
  bool tls = false;        // certificates are not verified: this is about life, not identity
  std::uint16_t port = 0;  // 0 = the service's
  std::string method = "GET";
  std::string path = "/";
  std::string host = {};  // Host header; "" = address and port
  int status_from = 200;
  int status_to = 399;
  base::Duration interval = std::chrono::milliseconds(500);
  base::Duration timeout = std::chrono::seconds(1);
  int rise = 2;
  int fall = 3;
  base::Duration admission = std::chrono::seconds(5);  // a new instance waits so long for its first answer; 0 = none
  bool operator==(const ProbeSpec&) const = default;
};

// What one source says of it; nothing = not said.
struct ProbeOverride {
  std::optional<ProbeSpec::Mode> mode = {};
  std::optional<bool> tls = {};
  std::optional<std::uint16_t> port = {};
  std::optional<std::string> method = {}, path = {}, host = {};
  std::optional<std::pair<int, int>> statuses = {};
  std::optional<base::Duration> interval = {}, timeout = {}, admission = {};
  std::optional<int> rise = {}, fall = {};
  bool operator==(const ProbeOverride&) const = default;
};

// One key with its value, as in Meta without "probe_" ("" = `probe` itself) or, with Rancher's names, without
// "health_check_". Source of the latter: Rancher 1.x, health_check of rancher-compose: port, interval,
// initializing_timeout, response_timeout, healthy_threshold, unhealthy_threshold, request_line; bare numbers are
// milliseconds. Errc::invalid_input says what would be right, Errc::not_found: no such key.
Status set_probe_key(ProbeOverride& into, std::string_view key, std::string_view value);
// "off", "on", "answer", "http", "tcp".
Result<ProbeSpec::Mode> parse_probe_mode(std::string_view text);
std::string_view to_string(ProbeSpec::Mode mode);

void narrow(const ProbeOverride& over, ProbeSpec& spec);

// What Meta says (`probe`, `probe_path`, `health_check_request_line`, ..; Registrator makes them of SERVICE_PROBE_PATH
// and so on). Values that make no sense are left out and named in `complaints`.
ProbeOverride probe_of_meta(const std::map<std::string, std::string>& meta, std::vector<std::string>& complaints);

// The URL in the output of one of Consul's HTTP checks ("HTTP GET http://10.0.0.1:80/health: 200 OK Output: ..");
// "" = there is none. Consul 1.8 does not tell a check's definition.
std::string url_of_output(std::string_view output);
// What such a URL means for probing `address`:`port`: its path, its TLS, its port if it is on the same address. Any
// status below 500 counts, because headers of the check are not known.
ProbeOverride probe_of_url(std::string_view url, std::string_view address, std::uint16_t port);

}  // namespace longshore::render
