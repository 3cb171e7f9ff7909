#include "common/main/host_blocks.h"

#include <doctest/doctest.h>

#include "common/hcl/reader.h"

namespace longshore::app {
namespace {

Result<std::vector<HostBlock>> read(const char* text, std::vector<HostBlock> before = {}) {
  LS_TRY(document, hcl::parse(text, "f.hcl"));
  LS_TRY_STATUS(take_host_blocks(document, before));
  return before;
}

TEST_CASE("engines of a configuration file; what is for others is left alone") {
  const auto blocks = read(R"(
    agent { internal = true }
    template { source = "a" }
    host "a" { address = "unix:///run/docker.sock" }
    host "b" { address = "tcp://10.0.0.2:2376" cert_path = "/certs" }
    host "a" { address = "tcp://10.0.0.1:2375" }
  )",
                           {HostBlock{"b", "tcp://old:1", ""}});
  REQUIRE_MESSAGE(blocks, blocks.error().text);
  CHECK(*blocks == std::vector<HostBlock>{{"b", "tcp://10.0.0.2:2376", "/certs"}, {"a", "tcp://10.0.0.1:2375", ""}});
  CHECK(read("")->empty());
}

TEST_CASE("mistakes have a place and say what would be right") {
  struct Row {
    const char* text;
    const char* said;
  };
  const Row rows[] = {
      {"host \"a\" { adress = \"tcp://x:1\" }", "address"},
      {"host \"a\" {}", "address"},
      {"host \"a\" { address = \"10.0.0.1:2375\" }", "unix:///path or tcp://host:port"},
      {"host \"a b\" { address = \"tcp://x:1\" }", "letters, digits"},
      {"hosts \"a\" { address = \"tcp://x:1\" }", "host"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto blocks = read(row.text);
    REQUIRE_FALSE(blocks);
    CHECK(blocks.error().text.contains("f.hcl"));
    CHECK_MESSAGE(blocks.error().text.contains(row.said), blocks.error().text);
  }
}

}  // namespace
}  // namespace longshore::app
