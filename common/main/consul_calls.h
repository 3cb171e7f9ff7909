// Consul for the operator verbs: one call at a time, blocking, with an event loop of its own.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "common/async/task_group.h"
#include "common/cli/parsed.h"
#include "common/consul/client.h"
#include "common/main/invocation.h"

namespace longshore::app {

// -consul-addr and the standard variables, in the group "Consul".
cli::OptionTable consul_options();
Result<consul::ClientSettings> consul_settings(const cli::Parsed& parsed, const Invocation& invocation);

class ConsulCalls {
 public:
  // `limit` holds for each phase of a request.
  ConsulCalls(consul::ClientSettings settings, base::Duration limit);

  // The instances of services with their checks, in the order of the names; none of a service that is not there. Many
  // are asked for side by side: a thousand services are no reason to leave one out.
  Result<std::vector<consul::ServiceEntry>> instances(std::vector<std::string> services);
  Result<consul::ServiceNames> services();
  Result<std::vector<consul::Node>> nodes();
  Result<std::vector<consul::KvPair>> keys_below(const std::string& prefix);
  Status remove_key(const std::string& key);
  Status put_key(const std::string& key, const std::string& value);

 private:
  boost::asio::io_context context_;
  consul::Client client_;
};

}  // namespace longshore::app
