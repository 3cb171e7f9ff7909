#include "renderer/load.h"

#include <doctest/doctest.h>

using namespace longshore;
using namespace longshore::render;

namespace {

Result<RenderConfig> config(std::vector<std::string> arguments, const cli::Environment& environment = {}) {
  auto parsed = cli::parse(render_options(), arguments, {.precedence = cli::Precedence::consul_template}, environment);
  if (!parsed) return fail(parsed.error());
  auto loaded = load(*parsed, environment, Name::own);
  if (!loaded)
    return fail(loaded.error().exit_code == kExitUsage ? Errc::invalid_input : Errc::io, loaded.error().text);
  return std::move(loaded->config);
}

std::string refusal(std::vector<std::string> arguments) {
  const auto result = config(std::move(arguments));
  return result ? "accepted" : result.error().text;
}

}  // namespace

TEST_CASE("templates, as often as wanted") {
  const auto made = config({"-template", "in:out:c d", "--template=other:place"});
  REQUIRE(made);
  REQUIRE(made->machine.templates.size() == 2);
  CHECK(made->machine.templates[0].command == "c d");
  CHECK(made->machine.templates[1].destination == "place");
  CHECK_FALSE(made->machine.once);
  CHECK(made->machine.hold.hold == std::chrono::seconds(10));
  CHECK(made->watch.max_stale == std::chrono::seconds(2));
  CHECK(made->kv_prefix == "longshore/");
  CHECK(made->reload_executable == "nginx");
  CHECK(made->retire_workers);
}

TEST_CASE("a wrong call is said") {
  CHECK(refusal({}) == "nothing to render: give at least one -template or -config");
  CHECK(refusal({"-template", "in"}) == "template in has no destination (only -dry can do without)");
  CHECK(refusal({"-template", "in", "-dry"}) == "accepted");
  CHECK(refusal({"-template", "in", "-parse-only"}) == "accepted");
  CHECK(refusal({"-template", ":::"}) == "invalid value \":::\" for flag -template: template: cannot be empty");
  CHECK(refusal({"-template", "in:out", "-wait", "5s:1s"}) ==
        "invalid value \"5s:1s\" for flag -wait: wait: min must be less than max");
  CHECK(refusal({"-template", "in:out", "-hold", "-1s"}) == "-hold: cannot be negative");
  CHECK(refusal({"-tempalte", "in:out"}).find("did you mean -template") != std::string::npos);
}

TEST_CASE("each set of files has a place of its own for what must outlive us") {
  const auto place = [](std::vector<std::string> arguments, const cli::Environment& environment = {}) {
    const auto made = config(std::move(arguments), environment);
    REQUIRE(made);
    return made->state_dir;
  };
  const std::string one = place({"-template", "in:/a/out"});
  CHECK(one.starts_with("/var/lib/longshore/render-"));
  CHECK(place({"-template", "other:/a/out:command"}) == one);
  CHECK(place({"-template", "in:/a/out2"}) != one);
  CHECK(place({"-template", "in:/b:c", "-template", "in:/d"}) == place({"-template", "in:/d", "-template", "in:/b"}));
  CHECK(place({"-template", "in:/a/out"}, {{"LONGSHORE_STATE_DIR", "/s"}}) == "/s" + one.substr(18));
  // A single run, and files whose paths depend on where we are.
  CHECK(place({"-template", "in:/a/out", "-once"}) == "");
  CHECK(place({"-template", "in:/a/out", "-dry"}) == "");
  CHECK(place({"-template", "in:out"}) == "");
  CHECK(place({"-template", "in:/a/out", "-state-dir", ""}) == "");
}

TEST_CASE("everything else") {
  const auto made = config({"-template",
                            "in:out",
                            "-once",
                            "-dry",
                            "-wait",
                            "1s",
                            "-hold",
                            "0",
                            "-max-stale=0",
                            "-env",
                            "blue",
                            "-reload-pid-file",
                            "/run/nginx.pid",
                            "-reload-executable",
                            "",
                            "-retire-workers=false",
                            "-state-dir",
                            "/s",
                            "-default-left-delimiter",
                            "<<",
                            "-default-right-delimiter",
                            ">>"});
  REQUIRE(made);
  CHECK(made->machine.once);
  CHECK(made->machine.dry);
  CHECK(made->machine.wait == WaitWindow{std::chrono::seconds(1), std::chrono::seconds(4)});
  CHECK(made->machine.hold.hold.count() == 0);
  CHECK(made->watch.max_stale.count() == 0);
  CHECK(made->kv_prefix == "longshore/blue/");
  CHECK(made->machine.reload_pid_file == "/run/nginx.pid");
  CHECK(made->reload_executable.empty());
  CHECK_FALSE(made->retire_workers);
  CHECK(made->state_dir == "/s");
  CHECK(made->machine.left_delimiter == "<<");
  CHECK(made->machine.right_delimiter == ">>");
}

TEST_CASE("where Consul is: option, then environment, then 127.0.0.1:8500") {
  const std::vector<std::string> base = {"-template", "in:out"};
  CHECK(net::to_string(config(base)->consul.endpoint) == "127.0.0.1:8500");
  const cli::Environment environment = {
      {"CONSUL_HTTP_ADDR", "10.0.0.1:1"}, {"CONSUL_HTTP_TOKEN", "from-http"}, {"CONSUL_TOKEN", "from-old"}};
  const auto from_environment = config(base, environment);
  CHECK(net::to_string(from_environment->consul.endpoint) == "10.0.0.1:1");
  CHECK(from_environment->consul.token == "from-old");
  const auto from_options =
      config({"-template", "in:out", "-consul-addr", "https://c:2", "-token", "t", "-consul-auth", "u:p"}, environment);
  CHECK(net::to_string(from_options->consul.endpoint) == "https://c:2");
  CHECK(from_options->consul.endpoint.tls);
  CHECK(from_options->consul.token == "t");
  CHECK(from_options->consul.auth == "u:p");
  CHECK(net::to_string(config({"-template", "in:out", "-consul", "h:3"})->consul.endpoint) == "h:3");
}

TEST_CASE("commands and templates see where Consul is") {
  const auto made = config({"-template", "in:out", "-consul-addr", "h:3", "-token", "t"}, {{"HOME", "/root"}});
  REQUIRE(made);
  CHECK(made->command_environment.at("CONSUL_HTTP_ADDR") == "h:3");
  CHECK(made->command_environment.at("CONSUL_HTTP_TOKEN") == "t");
  CHECK(made->command_environment.at("CONSUL_HTTP_SSL") == "false");
  CHECK_FALSE(config({"-template", "in:out"})->command_environment.contains("CONSUL_HTTP_ADDR"));
  CHECK(made->command_environment.at("HOME") == "/root");
  CHECK(made->machine.environment == made->command_environment);
}

TEST_CASE("de-duplication is accepted and said once") {
  const auto remarks = [](std::vector<std::string> words, const char* text) {
    const cli::Environment environment = {{"CT_LOCAL_CONFIG", text}};
    const auto parsed = cli::parse(render_options(), words, {}, environment);
    REQUIRE(parsed);
    const auto loaded = load(*parsed, environment, Name::compatible);
    REQUIRE(loaded);
    return loaded->remarks;
  };
  const std::vector<std::string> said = {
      "de-duplication is accepted and not used: watches are shared and cheap without it"};
  CHECK(remarks({"-dedup"}, "") == said);
  CHECK(remarks({"-dedup"}, "deduplicate { enabled = true }") == said);
  CHECK(remarks({}, "deduplicate { ttl = \"15s\" }") == said);
  CHECK(remarks({}, "deduplicate { enabled = false prefix = \"p/\" }").empty());
  CHECK(remarks({"-dedup=false"}, "deduplicate { prefix = \"p/\" }").empty());
  const cli::OptionTable table = render_options();
  CHECK(table.find("dedup")->help == "Accepted: our watches are cheap enough without de-duplication.");
}

TEST_CASE("the bound of connections per host bounds ours, as far as we can go") {
  const auto connections = [](const char* text) {
    const auto made = config({"-template", "in:out"}, {{"CT_LOCAL_CONFIG", text}});
    REQUIRE(made);
    CHECK(made->consul.pool.max_in_use == made->watch.max_connections);
    return made->watch.max_connections;
  };
  CHECK(connections("") == 64);
  CHECK(connections("consul { transport { max_conns_per_host = 0 } }") == 64);
  CHECK(connections("consul { transport { max_conns_per_host = 10 } }") == 10);
  CHECK(connections("consul { transport { max_conns_per_host = 1 } }") == 4);
  CHECK(connections("consul { transport { max_conns_per_host = 1000 } }") == 64);
  CHECK(connections("max_connections = 20 consul { transport { max_conns_per_host = 30 } }") == 20);
}

TEST_CASE("files of TLS are read when it is used") {
  CHECK(refusal({"-template", "in:out", "-consul-ssl-ca-cert", "/nonexistent"}).find("/nonexistent") !=
        std::string::npos);
  CHECK(refusal({"-template", "in:out", "-consul-ssl-ca-path", "/nonexistent"}).find("no such directory") !=
        std::string::npos);
  CHECK(refusal({"-template", "in:out", "-consul-ssl-cert", "/nonexistent"}).find("/nonexistent") != std::string::npos);
  CHECK(refusal({"-template", "in:out", "-consul-ssl=false", "-consul-ssl-cert", "/nonexistent"}) == "accepted");
}

TEST_CASE("a token file that cannot be read is a configuration error, and no token is ever in an error") {
  const auto missing = config({"-template", "in:out", "-token-file", "/nonexistent/token"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code != Errc::invalid_input);
  CHECK(missing.error().text.find("/nonexistent/token") != std::string::npos);
}
