#include <doctest/doctest.h>

#include "renderer/probe/spec.h"

using namespace longshore;
using namespace longshore::render;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Mode = ProbeSpec::Mode;

namespace {

ProbeSpec of_meta(const std::map<std::string, std::string>& meta, std::size_t complaints = 0) {
  ProbeSpec spec;
  std::vector<std::string> said;
  narrow(probe_of_meta(meta, said), spec);
  CHECK(said.size() == complaints);
  return spec;
}

}  // namespace

TEST_CASE("probe: what Meta says") {
  CHECK(of_meta({}) == ProbeSpec());
  CHECK(of_meta({{"probe", "off"}}).mode == Mode::off);
  CHECK(of_meta({{"probe", "tcp"}, {"probes", "x"}, {"probed_at", "y"}}).mode == Mode::tcp);
  const ProbeSpec full = of_meta({{"probe_path", "/health"},
                                  {"probe_port", "9000"},
                                  {"probe_tls", "true"},
                                  {"probe_host", "a.example"},
                                  {"probe_status", "200-299"},
                                  {"probe_interval", "2s"},
                                  {"probe_timeout", "700ms"},
                                  {"probe_rise", "4"},
                                  {"probe_fall", "5"},
                                  {"probe_admission", "off"}});
  CHECK(full.mode == Mode::http);
  CHECK(full.stated);
  CHECK(full.path == "/health");
  CHECK(full.port == 9000);
  CHECK(full.tls);
  CHECK(full.host == "a.example");
  CHECK(std::pair(full.status_from, full.status_to) == std::pair(200, 299));
  CHECK(full.interval == seconds(2));
  CHECK(full.timeout == milliseconds(700));
  CHECK(std::pair(full.rise, full.fall) == std::pair(4, 5));
  CHECK(full.admission.count() == 0);
}

TEST_CASE("probe: Rancher's fields; bare numbers are milliseconds") {
  const ProbeSpec spec = of_meta({{"health_check_port", "8080"},
                                  {"health_check_interval", "2000"},
                                  {"health_check_initializing_timeout", "60000"},
                                  {"health_check_response_timeout", "2500"},
                                  {"health_check_healthy_threshold", "2"},
                                  {"health_check_unhealthy_threshold", "3"},
                                  {"health_check_request_line", "HEAD /healthcheck HTTP/1.0"}});
  CHECK(spec.port == 8080);
  CHECK(spec.interval == seconds(2));
  CHECK(spec.admission == seconds(60));
  CHECK(spec.timeout == milliseconds(2500));
  CHECK(spec.method == "HEAD");
  CHECK(spec.path == "/healthcheck");
  CHECK(spec.mode == Mode::http);
}

TEST_CASE("probe: values that make no sense are left out and named") {
  const std::pair<const char*, const char*> rows[] = {
      {"probe", "maybe"},
      {"probe_path", "health"},
      {"probe_path", "/a\r\nX: y"},
      {"probe_path", "/a b"},
      {"probe_port", "0"},
      {"probe_port", "70000"},
      {"probe_tls", "perhaps"},
      {"probe_host", "a b"},
      {"probe_status", "99"},
      {"probe_status", "300-200"},
      {"probe_interval", "1ms"},
      {"probe_interval", "fast"},
      {"probe_timeout", "-1s"},
      {"probe_rise", "0"},
      {"probe_fall", "x"},
      {"probe_fall", "101"},
      {"probe_colour", "green"},
      {"health_check_request_line", "GET"},
      {"health_check_request_line", "GET / HTTP/1.1 more"},
  };
  for (const auto& [key, value] : rows) {
    CAPTURE(key);
    CAPTURE(value);
    CHECK(of_meta({{key, value}}, 1) == ProbeSpec());
  }
}

TEST_CASE("probe: what Consul's own HTTP check asks") {
  // As Consul 1.8.7 writes it.
  CHECK(url_of_output("HTTP GET http://127.0.0.1:18080/health: 404 File not found Output: <!DOCTYPE: x") ==
        "http://127.0.0.1:18080/health");
  CHECK(url_of_output("HTTP POST https://a:1/x?y=1: 200 OK Output: ") == "https://a:1/x?y=1");
  CHECK(url_of_output("Get http://127.0.0.1:18080/health: dial tcp: connection refused").empty());
  CHECK(url_of_output("TCP connect 127.0.0.1:18080: Success").empty());
  CHECK(url_of_output("HTTP GET ftp://a: 200").empty());
  CHECK(url_of_output("").empty());

  struct Row {
    const char* url;
    const char* path;  // nullptr: says nothing
    int port;
    bool tls;
  };
  const Row rows[] = {
      {"http://10.0.0.1:8080/health", "/health", 0, false},
      {"http://127.0.0.1:8080/health?deep=1#top", "/health?deep=1", 0, false},
      {"https://user:secret@10.0.0.1:8080", "/", 0, true},
      {"http://10.0.0.1:9000/ping", "/ping", 9000, false},
      {"http://10.0.0.1/x", "/x", 80, false},
      {"http://[::1]:8080/x", "/x", 0, false},
      {"http://127.0.0.1:9000/ping", nullptr, 0, false},
      {"tcp://10.0.0.1:8080", nullptr, 0, false},
      {"http://10.0.0.1:8080/a b", nullptr, 0, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const ProbeOverride over = probe_of_url(row.url, "10.0.0.1", 8080);
    CHECK(over.mode.has_value() == (row.path != nullptr));
    if (row.path == nullptr) continue;
    CHECK(over.path.value() == row.path);
    CHECK(over.port.value_or(0) == row.port);
    CHECK(over.tls.value_or(false) == row.tls);
  }
}
