#include <doctest/doctest.h>

#include "common/docker/codec.h"

using namespace longshore;

TEST_CASE("info and version") {
  const auto engine =
      docker::decode_info(R"({"ID":"7KVU:ABCD","Name":"host-1","ServerVersion":"20.10.24","Containers":3})");
  REQUIRE(engine);
  CHECK(*engine == docker::Engine{"7KVU:ABCD", "host-1", "20.10.24", "", {}});
  // Podman 4.3.1: two answers of one engine.
  const auto podman = [](const char* id, const char* folder) {
    return docker::decode_info(R"({"ID":")" + std::string(id) + R"(","DockerRootDir":")" + folder +
                               R"(","Name":"host-1","ServerVersion":"4.3.1","BuildahVersion":"1.28.2"})")
        ->id;
  };
  const std::string one = podman("10f98c37-e792-4280-a03d-4c8d36a0518b", "/var/lib/containers/storage");
  CHECK(one.starts_with("podman-"));
  CHECK(one == podman("ed24f83a-471b-4a15-93c3-48877c01d3a2", "/var/lib/containers/storage"));
  CHECK(one != podman("10f98c37-e792-4280-a03d-4c8d36a0518b", "/home/u/.local/share/containers/storage"));
  CHECK_FALSE(docker::decode_info("[]"));
  CHECK_FALSE(docker::decode_info(R"({"ID":1})"));
  const auto version = docker::decode_version(R"({"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"})");
  REQUIRE(version);
  CHECK(*version == docker::VersionInfo{"20.10.24", "1.41", "1.12"});
}

TEST_CASE("the API version is the smaller of both, as numbers") {
  struct Row {
    const char* newest;
    const char* oldest;
    const char* chosen;  // nullptr = refused
  };
  const Row rows[] = {
      {"1.41", "1.12", "1.41"},  {"1.24", "", "1.24"}, {"1.52", "1.44", "1.52"}, {"1.55", "1.40", "1.52"},
      {"1.23", "1.12", nullptr}, {"1.9", "", nullptr}, {"1.60", "1.53", "1.53"}, {"2.0", "1.44", "1.52"},
      {"", "", nullptr},         {"new", "", nullptr}, {"1", "", nullptr},       {"1.41", "x", nullptr},
      {"1.40", "1.24", "1.40"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.newest);
    CAPTURE(row.oldest);
    const auto chosen = docker::choose_api_version({"", row.newest, row.oldest});
    CHECK(chosen.has_value() == (row.chosen != nullptr));
    if (chosen && row.chosen != nullptr) CHECK(*chosen == row.chosen);
  }
}

TEST_CASE("ports") {
  struct Row {
    const char* text;
    const char* canonical;  // nullptr = refused
  };
  const Row rows[] = {{"80/tcp", "80/tcp"},   {"53/udp", "53/udp"}, {"9/sctp", "9/sctp"}, {"80", "80/tcp"},
                      {"80/TCP", "80/tcp"},   {"0/tcp", nullptr},   {"", nullptr},        {"/tcp", nullptr},
                      {"65535", "65535/tcp"}, {"65536", nullptr},   {"-1/tcp", nullptr},  {"80/", nullptr},
                      {"80-90/tcp", nullptr}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto port = docker::parse_port(row.text);
    CHECK(port.has_value() == (row.canonical != nullptr));
    if (port && row.canonical != nullptr) CHECK(docker::to_string(*port) == row.canonical);
  }
}
