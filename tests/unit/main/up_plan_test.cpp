#include "common/main/up_plan.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace longshore::app {
namespace {

Result<UpPlan> plan(const std::vector<std::string>& arguments, const cli::Environment& environment = {}) {
  auto parsed = cli::parse(up_options(), arguments, {}, environment);
  if (!parsed) return fail(parsed.error());
  return read_up_plan(*parsed, environment, "own-secret");
}

// A folder with a token file and a configuration of a renderer.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "up-plan-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name, const std::string& text) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

 private:
  std::string path_;
};

// A shell that is set up for a Consul elsewhere.
const cli::Environment kElsewhere = {{"CONSUL_HTTP_ADDR", "https://elsewhere:8501"},
                                     {"CONSUL_HTTP_SSL", "true"},
                                     {"CONSUL_HTTP_TOKEN", "theirs"},
                                     {"CONSUL_TOKEN", "theirs"},
                                     {"CONSUL_HTTP_TOKEN_FILE", "/nonexistent/token"},
                                     {"CONSUL_HTTP_AUTH", "u:p"},
                                     {"CONSUL_CACERT", "/nonexistent/ca.pem"}};
// As typed for the container of one component, or of all: here they say what they say there.
const cli::Environment kAddresses = {{"LONGSHORE_REGISTRY_HTTP_ADDR", "127.0.0.1:18500"},
                                     {"LONGSHORE_AGENT_HTTP_ADDR", "127.0.0.1:18511"},
                                     {"LONGSHORE_RENDER_HTTP_ADDR", "127.0.0.1:18512"}};

}  // namespace

TEST_CASE("up: the parts use the registry beside them, whatever the environment says of another one") {
  struct Row {
    const char* address;
    const char* reached;
  };
  const Row rows[] = {{"127.0.0.1:18500", "127.0.0.1:18500"},
                      {"127.0.0.1", "127.0.0.1:8500"},
                      {":18500", "127.0.0.1:18500"},
                      {"[::1]:18500", "[::1]:18500"},
                      {"unix:///run/registry.sock", "unix:/run/registry.sock"}};
  for (const cli::Environment& environment : {cli::Environment(), kElsewhere})
    for (const Row& row : rows) {
      CAPTURE(row.address);
      const auto found = plan({"-registry-addr", row.address, "-template", "a:b"}, environment);
      REQUIRE(found);
      REQUIRE(found->registry);
      REQUIRE(found->render);
      CHECK(net::to_string(found->registry->listen) == row.reached);
      for (const consul::ClientSettings& part : {found->agent.config.consul, found->render->consul}) {
        CHECK(net::to_string(part.endpoint) == row.reached);
        CHECK_FALSE(part.endpoint.tls);
        CHECK(part.token == "");
        CHECK(part.auth == "");
      }
    }
}

TEST_CASE("up: a registry that asks for a token gives its parts one of their own") {
  const Folder folder;
  const std::string token = folder.file("token", "of-the-file\n");
  const std::string config =
      folder.file("render.hcl",
                  "consul { address = \"elsewhere:1\" token = \"theirs\" ssl { enabled = true } }\n"
                  "template { source = \"a\" destination = \"b\" }\n");
  const auto found =
      plan({"-registry-addr", "0.0.0.0:18500", "-registry.token-file", token, "-config", config}, kElsewhere);
  REQUIRE(found);
  REQUIRE(found->render);
  CHECK(found->registry->token_file == token);
  CHECK(found->registry->own_token == "own-secret");
  CHECK(net::to_string(found->registry->listen) == "0.0.0.0:18500");
  const Result<render::RenderConfig> again = found->render->reread();
  REQUIRE(again);
  for (const consul::ClientSettings& part : {found->agent.config.consul, found->render->consul, again->consul}) {
    CHECK(net::to_string(part.endpoint) == "127.0.0.1:18500");
    CHECK(part.token == "own-secret");
  }
}

TEST_CASE("up: another Consul for the renderer, or for both") {
  const auto renderer = plan({"-template", "a:b", "-render.consul-addr", "elsewhere:1"}, {{"CONSUL_HTTP_TOKEN", "t"}});
  REQUIRE(renderer);
  CHECK(net::to_string(renderer->render->consul.endpoint) == "elsewhere:1");
  CHECK(renderer->render->consul.token == "t");
  CHECK(net::to_string(renderer->agent.config.consul.endpoint) == "127.0.0.1:8500");
  CHECK(renderer->agent.config.consul.token == "");
  const auto none = plan({"-registry-addr=", "-template", "a:b"},
                         {{"CONSUL_HTTP_ADDR", "https://elsewhere:8501"}, {"CONSUL_HTTP_TOKEN", "t"}});
  REQUIRE(none);
  CHECK_FALSE(none->registry);
  for (const consul::ClientSettings& part : {none->agent.config.consul, none->render->consul}) {
    CHECK(net::to_string(part.endpoint) == "https://elsewhere:8501");
    CHECK(part.token == "t");
  }
}

TEST_CASE("up: addresses by option, then by the variables of the parts") {
  const auto from_variables = plan({}, kAddresses);
  REQUIRE(from_variables);
  CHECK(net::to_string(from_variables->registry->listen) == "127.0.0.1:18500");
  CHECK(net::to_string(from_variables->agent.config.consul.endpoint) == "127.0.0.1:18500");
  CHECK(net::to_string(*from_variables->agent_pages) == "127.0.0.1:18511");
  CHECK(net::to_string(*from_variables->render_pages) == "127.0.0.1:18512");
  const auto from_options = plan({"-registry-addr=127.0.0.1:1", "-agent-addr=", "-renderer-addr=:3"}, kAddresses);
  REQUIRE(from_options);
  CHECK(net::to_string(from_options->registry->listen) == "127.0.0.1:1");
  CHECK_FALSE(from_options->agent_pages);
  CHECK(net::to_string(*from_options->render_pages) == "127.0.0.1:3");
}

TEST_CASE("up: the agent's part of the configuration is read again, and the registry stays the one beside it") {
  const Folder folder;
  const std::string rest = "template { source = \"a\" destination = \"b\" }\n";
  const std::string config = folder.file("a.hcl", "agent { internal = true tags = \"a\" }\n" + rest);
  auto found = plan({"-config", config, "-agent.prefer-ipv6"});
  REQUIRE(found);
  REQUIRE(found->agent_options);
  auto fresh = found->agent_options->read();
  REQUIRE(fresh);
  CHECK(fresh->changed.empty());
  CHECK(fresh->restart.empty());
  folder.file("a.hcl", "agent { tags = \"b\" uri = \"consul://elsewhere:1\" env = \"e\" }\n" + rest);
  fresh = found->agent_options->read();
  REQUIRE(fresh);
  CHECK(fresh->changed == std::vector<std::string>{"internal", "tags"});
  CHECK(fresh->restart == std::vector<std::string>{"env"});
  CHECK(fresh->options.tags == std::vector<std::string>{"b"});
  CHECK_FALSE(fresh->options.internal);
  CHECK(fresh->options.prefer_ipv6);
  folder.file("a.hcl", "agent { tgs = \"b\" }\n" + rest);
  CHECK_FALSE(found->agent_options->read());
}

TEST_CASE("up: addresses that nobody could be told of") {
  CHECK_FALSE(plan({"-registry-addr", "127.0.0.1:0"}));
  CHECK_FALSE(plan({"-registry-addr", "https://127.0.0.1:8500"}));
  CHECK_FALSE(plan({"-registry-addr", "nowhere:port"}));
  CHECK_FALSE(plan({}, {{"LONGSHORE_REGISTRY_HTTP_ADDR", "nowhere:port"}}));
}

}  // namespace longshore::app
