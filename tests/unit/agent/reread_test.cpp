// Options at HUP: what is read again, what counts at once, and what the machine makes of it.
#include "agent/reread.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/config_file.h"
#include "tests/unit/agent/talk.h"

namespace longshore::agent {
namespace {

using test::Lines;
using Texts = std::vector<std::string>;

cli::OptionTable known() {
  return agent_options(false).with(cli::OptionTable({{.names = {"http-addr"}}, {.names = {"log-level"}}}));
}

class ConfigFile {
 public:
  ConfigFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "agent-reread-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ConfigFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  std::string path() const { return folder_ + "/a.hcl"; }
  void write(const std::string& text) const { std::ofstream(path()) << text; }

  OptionReader reader(const Texts& arguments, const cli::Environment& environment = {}, bool fixed_uri = false) const {
    const cli::Parsed typed = cli::parse(known(), arguments, {}, environment).value();
    cli::Parsed parsed = typed;
    REQUIRE(read_config_files({path()}, known(), environment, parsed));
    const auto setup = agent_setup(parsed, environment, false);
    REQUIRE(setup);
    return {[typed] { return typed; }, parsed, setup->config.options, {path()}, known, environment, fixed_uri};
  }

 private:
  std::string folder_;
};

}  // namespace

TEST_CASE("only what differs is told, and what needs another start is kept") {
  ConfigFile file;
  file.write(R"(agent { tags = "a" env = "one" reap-after = "1m" })");
  OptionReader reader = file.reader({"-ip", "10.0.0.1"});
  auto fresh = reader.read();
  REQUIRE(fresh);
  CHECK(fresh->changed.empty());
  CHECK(fresh->restart.empty());

  file.write(
      R"(agent { tags = "a,b" env = "two" reap-after = "2m" internal = true ip = "10.0.0.2" uri = "consul://c:1"
                 network = ["x"] http_addr = "127.0.0.1:1" log-level = "debug" lease = "30s" hostname = "h" })");
  fresh = reader.read();
  REQUIRE(fresh);
  // What was typed wins over the file as before.
  CHECK(fresh->options.ip == "10.0.0.1");
  CHECK(fresh->options.tags == Texts{"a", "b"});
  CHECK(fresh->options.internal);
  CHECK(fresh->options.networks == Texts{"x"});
  CHECK(fresh->options.lease == std::chrono::seconds(30));
  CHECK(fresh->options.env == "one");
  CHECK(fresh->options.hostname == "");
  CHECK(fresh->options.reap_after == std::chrono::minutes(1));
  std::sort(fresh->changed.begin(), fresh->changed.end());
  CHECK(fresh->changed == Texts{"internal", "lease", "log-level", "network", "tags"});
  std::sort(fresh->restart.begin(), fresh->restart.end());
  CHECK(fresh->restart == Texts{"env", "hostname", "http-addr", "reap-after", "uri"});
  CHECK(fresh->parsed.text("log-level") == "debug");

  // The next time only what waits for a start is still told.
  fresh = reader.read();
  REQUIRE(fresh);
  CHECK(fresh->changed.empty());
  CHECK(fresh->restart.size() == 5);
}

TEST_CASE("a file that cannot be read leaves everything as it is") {
  ConfigFile file;
  file.write(R"(agent { tags = "a" })");
  OptionReader reader = file.reader({});
  for (const char* bad : {"agent {", "agent { tgs = \"b\" }", "agent { lease = \"soon\" }", "agent { lease = \"1ms\" }",
                          "agent { tags = \"{{\" }"}) {
    CAPTURE(bad);
    file.write(bad);
    CHECK_FALSE(reader.read());
  }
  file.write(R"(agent { tags = "b" })");
  const auto fresh = reader.read();
  REQUIRE(fresh);
  CHECK(fresh->changed == Texts{"tags"});
  CHECK(fresh->options.tags == Texts{"b"});
}

TEST_CASE("where the registry is fixed a file's URI means nothing") {
  ConfigFile file;
  file.write(R"(agent { tags = "a" })");
  OptionReader reader = file.reader({}, {}, true);
  file.write(R"(agent { tags = "a" uri = "consul://c:1" })");
  const auto fresh = reader.read();
  REQUIRE(fresh);
  CHECK(fresh->restart.empty());
}

TEST_CASE("other options: the reload's inspects bring what they make of each container") {
  using namespace test;
  Talk talk;
  talk.sync({web("one", 'a', 8080), web("two", 'b', 8081)});
  const auto reload = [&](const AgentOptions& options) {
    input::Reload said;
    said.options = options;
    said.local = LocalFacts{"", "", "10.0.0.77", "", {}};
    const Lines lines = talk.say(said);
    CHECK(has(lines, "list"));
    CHECK_FALSE(has(lines, "register host:one:80"));
    return talk.listed({row('a'), row('b')});
  };
  AgentOptions options;
  options.tags = {"new"};
  Lines lines = reload(options);
  CHECK(has(lines, "inspect aaaa"));
  CHECK(talk.inspected(web("one", 'a', 8080)) == Lines{"register host:one:80"});
  CHECK(talk.last_registration().tags == Texts{"new"});
  CHECK(talk.inspected(web("two", 'b', 8081)) == Lines{"register host:two:80"});
  talk.settle();

  // Who is not wanted any more goes, in the usual way.
  options.explicit_names = true;
  docker::Container named = web("one", 'a', 8080);
  named.labels["SERVICE_NAME"] = "app";
  reload(options);
  talk.inspected(named);
  CHECK(has(talk.inspected(web("two", 'b', 8081)), "withdraw host:two:80: its container does not ask for it"));
  talk.settle();
  CHECK(talk.consul().size() == 1);

  // The same options again: nothing is written.
  reload(options);
  talk.answer_reads({"services"});
  CHECK(talk.inspected(named) == Lines{});
  CHECK(talk.machine().ready());
}

TEST_CASE("a template that is new waits for the inspect that shows the whole container") {
  using namespace test;
  Talk talk;
  docker::Container one = web("one", 'a', 8080);
  talk.sync({one});
  AgentOptions options;
  options.tag_template =
      std::make_shared<const tmpl::registrator::TagTemplate>(*tmpl::registrator::TagTemplate::parse("x-{{.Name}}"));
  options.address_from = {"192.0.2.9"};
  input::Reload said;
  said.options = options;
  // Another address: everything is derived anew at once, but nothing is known of the container's tags yet.
  CHECK_FALSE(has(talk.say(said), "register host:one:80"));
  talk.listed({row('a')});
  one.inspect_body = R"({"Id":")" + one.id + R"(","Name":"/one"})";
  CHECK(talk.inspected(one) == Lines{"register host:one:80"});
  CHECK(talk.last_registration().tags == Texts{"x-/one"});
  CHECK(talk.last_registration().address == "192.0.2.9");
}

}  // namespace longshore::agent
