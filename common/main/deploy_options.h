// The options of `deploy` and `scale`, and what they mean.
#pragma once
#include <string_view>
#include <vector>

#include "common/cli/parsed.h"
#include "common/main/deploy_run.h"
#include "common/main/engine_calls.h"
#include "common/main/invocation.h"

namespace longshore::app {

// The beginning of container names and a part of keys.
bool is_service_name(std::string_view text);

// The first word of the call, or LONGSHORE_DEPLOY_SERVICE; "" = neither.
std::string service_of(const cli::Parsed& parsed, const Invocation& invocation);

// -host, -config, -pull, -pull-timeout.
cli::OptionTable engine_options();
// -colors, -color-by, -healthy-timeout, -healthy-time, -batch, -batch-pause, -smoke, -smoke-timeout.
cli::OptionTable gate_options();

// Each -host, else the host {} blocks of the configuration, else DOCKER_HOST; TLS is as the DOCKER_ variables say, for
// all of them that have no cert_path of their own.
Result<std::vector<EngineAt>> engines_of(const cli::Parsed& parsed, const Invocation& invocation);
// What the tables above and drain_options() say; the image and what is done with it are the caller's.
DeployOrder order_of(const cli::Parsed& parsed, const Invocation& invocation, std::string service);
// Batches and gates.
deploy::RollPlan roll_of(const cli::Parsed& parsed, const DeployOrder& order, deploy::RollPlan::Kind kind);

}  // namespace longshore::app
