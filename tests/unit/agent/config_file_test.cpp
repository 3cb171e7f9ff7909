#include "agent/config_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/options.h"
#include "common/hcl/reader.h"

namespace longshore::agent {
namespace {

cli::OptionTable own_options() {
  return agent_options(false);
}

// The names of this test's executable, and one that only stands for itself.
cli::OptionTable known_options() {
  return own_options().with(cli::OptionTable({{.names = {"http-addr"}}}));
}

struct Taken {
  cli::Parsed parsed;
  std::string uri;
  Status status;
};

Taken take(const std::string& text, const std::vector<std::string>& arguments = {},
           const cli::Environment& environment = {}) {
  Taken taken{cli::parse(own_options(), arguments, {}, environment).value(), {}, {}};
  const auto document = hcl::parse(text, "a.hcl");
  REQUIRE(document);
  taken.status = take_agent_block(*document, known_options(), taken.parsed, taken.uri);
  return taken;
}

}  // namespace

TEST_CASE("an agent {} block has the options as keys") {
  const Taken taken = take(R"(
    consul { address = "c:1" }
    template { source = "a" nonsense = 1 }
    agent {
      uri          = "consulkv://c:1/p"
      internal     = true
      explicit     = "true"
      ip           = "10.0.0.1"
      resync       = 60
      env          = "staging"
      address_from = ["route", "10.0.0.0/8"]
      name-from    = "compose,image"
      reconcile-interval = "1m"
      tags         = "{{.ID}},b"
      http-addr    = "127.0.0.1:1"
    })");
  REQUIRE(taken.status);
  CHECK(taken.uri == "consulkv://c:1/p");
  CHECK(taken.parsed.boolean("internal"));
  CHECK(taken.parsed.boolean("explicit"));
  CHECK(taken.parsed.text("ip") == "10.0.0.1");
  CHECK(taken.parsed.integer("resync") == 60);
  CHECK(taken.parsed.text("env") == "staging");
  CHECK(taken.parsed.text("address-from") == "route,10.0.0.0/8");
  CHECK(taken.parsed.text("name-from") == "compose,image");
  CHECK(taken.parsed.duration("reconcile-interval") == std::chrono::minutes(1));
  CHECK(taken.parsed.text("tags") == "{{.ID}},b");
  CHECK(taken.parsed.origin("ip") == cli::Origin::file);
  CHECK(taken.parsed.origin("network") == cli::Origin::fallback);
  const Taken as_json = take(R"({"agent": {"internal": true, "resync": 5}, "vault": {"x": 1}})");
  REQUIRE(as_json.status);
  CHECK(as_json.parsed.boolean("internal"));
  CHECK(as_json.parsed.integer("resync") == 5);
  CHECK(take("").status);
}

TEST_CASE("option over environment over file over default") {
  const std::string text = R"(agent { env = "file" hostname = "file" require-label = "file" })";
  const cli::Environment environment = {{"LONGSHORE_ENV", "variable"}, {"LONGSHORE_AGENT_HOSTNAME", "variable"}};
  const Taken taken = take(text, {"-env", "option"}, environment);
  REQUIRE(taken.status);
  CHECK(taken.parsed.text("env") == "option");
  CHECK(taken.parsed.text("hostname") == "variable");
  CHECK(taken.parsed.text("require-label") == "file");
  CHECK(taken.parsed.text("state-dir") == "/var/lib/longshore");
}

TEST_CASE("mistakes of an agent {} block are told with their place") {
  struct Row {
    const char* text;
    const char* said;
  };
  const Row rows[] = {
      {"agent {\n  internl = true\n}", "a.hcl:2:3: agent.internl: unknown key, did you mean \"internal\"?"},
      {"agent {\n  address_form = \"route\"\n}", "did you mean \"address_from\"?"},
      {"agent {\n  http_adr = \"\"\n}", "did you mean \"http_addr\"?"},
      {"agnet {\n}", "a.hcl:1:1: agnet: unknown key, did you mean \"agent\"?"},
      {"agent {\n  resync = \"soon\"\n}", "a.hcl:2:12: agent.resync: "},
      {"agent {\n  watch-interval = \"fast\"\n}", "a.hcl:2:20: agent.watch-interval: "},
      {"agent {\n  deregister = \"never\"\n}", "use always or on-success"},
      {"agent {\n  ip { }\n}", "agent.ip: expected a value"},
      {"agent {\n  config = \"/x\"\n}", "agent.config: unknown key"},
      {"agent \"x\" { }", "takes no label"},
      {"agent = 1", "expected a block"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Taken taken = take(row.text);
    REQUIRE_FALSE(taken.status);
    CAPTURE(taken.status.error().text);
    CHECK(taken.status.error().text.find(row.said) != std::string::npos);
  }
}

TEST_CASE("files in order, and where the URI counts") {
  std::string pattern = (std::filesystem::temp_directory_path() / "agent-config-XXXXXX").string();
  const std::string folder = ::mkdtemp(pattern.data());
  std::ofstream(folder + "/1.hcl") << "agent { uri = \"consul://one\" env = \"one\" hostname = \"one\" }";
  std::ofstream(folder + "/2.json") << R"({"agent": {"uri": "consul://two", "env": "two"}})";
  std::ofstream(folder + "/..data") << "not even {";
  const auto read = [&](const std::vector<std::string>& arguments, const cli::Environment& environment) {
    cli::Parsed parsed = cli::parse(own_options(), arguments, {}, environment).value();
    REQUIRE(read_config_files({folder}, known_options(), environment, parsed));
    return parsed;
  };
  const cli::Parsed parsed = read({}, {});
  CHECK(parsed.text("env") == "two");
  CHECK(parsed.text("hostname") == "one");
  CHECK(parsed.positionals == std::vector<std::string>{"consul://two"});
  CHECK(read({"consul://typed"}, {}).positionals == std::vector<std::string>{"consul://typed"});
  CHECK(read({}, {{"CONSUL_HTTP_ADDR", "c:1"}}).positionals.empty());
  cli::Parsed none = cli::parse(own_options(), {}, {}, {}).value();
  const auto missing = read_config_files({folder + "/3.hcl"}, known_options(), {}, none);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("3.hcl") != std::string::npos);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace longshore::agent
