#include "common/main/registry_component.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/main/process_options.h"

namespace longshore::app {

cli::OptionTable registry_options() {
  return cli::OptionTable({
      {.names = {"http-addr"},
       .value_name = "ADDR",
       .help = "Where the API and the status pages are served. An address that is not loopback needs -token-file.",
       .fallback = "127.0.0.1:8500",
       .env = {"LONGSHORE_REGISTRY_HTTP_ADDR"},
       .check = check_address},
      {.names = {"data-dir"},
       .value_name = "DIR",
       .help = "Keep services, checks and keys here; they survive kill -9. Without it they are kept in memory only.",
       .env = {"LONGSHORE_REGISTRY_DATA_DIR"}},
      {.names = {"node"},
       .value_name = "NAME",
       .help = "Name of the only node.",
       .fallback_text = "the host name",
       .env = {"LONGSHORE_REGISTRY_NODE"}},
      {.names = {"datacenter"}, .value_name = "NAME", .help = "Name of the datacenter.", .fallback = "dc1"},
      {.names = {"token-file"},
       .value_name = "FILE",
       .help = "File with the token that every request must bring; HUP reads it again.",
       .env = {"LONGSHORE_REGISTRY_TOKEN_FILE"}},
  });
}

Result<net::Endpoint> registry_address(const std::string& text) {
  constexpr std::uint16_t kUsual = 8500;
  LS_TRY(endpoint, net::parse_url(text, kUsual));
  if (endpoint.tls) return fail(Errc::invalid_input, text + ": the embedded registry speaks plain HTTP");
  if (endpoint.kind == net::Endpoint::Kind::tcp && endpoint.host.empty()) endpoint.host = "127.0.0.1";
  return endpoint;
}

Result<registry::Options> registry_settings(const cli::Parsed& parsed) {
  registry::Options options;
  LS_TRY(endpoint, registry_address(parsed.text("http-addr")));
  options.listen = std::move(endpoint);
  options.data_dir = parsed.text("data-dir");
  options.node_name = parsed.text("node");
  options.datacenter = parsed.text("datacenter");
  options.token_file = parsed.text("token-file");
  // Read again at each start of the server; here only so that a wrong path is a wrong call.
  if (!options.token_file.empty() && !std::ifstream(options.token_file))
    return fail(Errc::invalid_input, "-token-file " + options.token_file + ": " + std::strerror(errno));
  return options;
}

RegistryComponent::RegistryComponent(const async::Executor& executor, registry::Options options, const status::Log& log)
    : log_(log.named("registry")), server_(executor, std::move(options), log_), stop_(executor) {}

Component RegistryComponent::component() {
  Component component;
  component.name = "registry";
  component.start = [this](async::TaskGroup& tasks) { return server_.start(tasks); };
  component.run = [this] { return run(); };
  component.request_stop = [this] { stop_.open(); };
  component.request_reload = [this] { server_.reload(); };
  component.source = server_.source();
  component.address = [this] { return net::to_string(server_.local()); };
  return component;
}

async::Awaitable<int> RegistryComponent::run() {
  co_await stop_.wait();
  co_await server_.stop();
  co_return 0;
}

}  // namespace longshore::app
