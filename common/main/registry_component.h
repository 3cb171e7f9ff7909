// The embedded registry's options and its place in a supervisor.
#pragma once
#include "common/async/gate.h"
#include "common/cli/parsed.h"
#include "common/main/component.h"
#include "common/registry/server.h"

namespace longshore::app {

cli::OptionTable registry_options();
// Where to listen: "ADDR[:PORT]" or "unix:///path"; 127.0.0.1 and 8500 where it does not say. invalid_input: https.
Result<net::Endpoint> registry_address(const std::string& text);
// invalid_input: an address that cannot be listened on.
Result<registry::Options> registry_settings(const cli::Parsed& parsed);

class RegistryComponent {
 public:
  RegistryComponent(const async::Executor& executor, registry::Options options, const status::Log& log);
  // Refers to this.
  Component component();
  const net::Endpoint& local() const { return server_.local(); }

 private:
  async::Awaitable<int> run();

  status::Log log_;
  registry::Server server_;
  async::Gate stop_;
};

}  // namespace longshore::app
