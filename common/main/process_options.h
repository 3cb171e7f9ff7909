// The options that every long-running verb has: its own pages and its log.
#pragma once
#include <optional>
#include <string>

#include "common/cli/parsed.h"
#include "common/cli/parser.h"
#include "common/net/endpoint.h"
#include "common/status/log.h"

namespace longshore::app {

// -http-addr (only with `http_addr`, its default), -log-level, -log-format. `verb` is in the names of the variables:
// LONGSHORE_AGENT_HTTP_ADDR, then LONGSHORE_HTTP_ADDR.
cli::OptionTable http_options(const std::string& verb, const std::string& http_addr);
// With `checked` a bad level is a wrong call; without, log_options_of() judges it (consul-template: exit 15).
cli::OptionTable log_options(const std::string& level = "info", bool checked = true);

// Nothing when -http-addr is empty.
Result<std::optional<net::Endpoint>> http_address(const cli::Parsed& parsed);
// The compatibility names have no -http-addr and no pages, unless LONGSHORE_<VERB>_HTTP_ADDR asks for them: an image's
// HEALTHCHECK needs them, whatever options its user types.
Result<std::optional<net::Endpoint>> http_address_of_variable(const cli::Environment& environment,
                                                              const std::string& verb);
// The same as it stands there, "" = none.
std::string pages_of_variable(const cli::Environment& environment, const std::string& verb);
Result<status::LogOptions> log_options_of(const cli::Parsed& parsed, std::string component);

// Where a running component is, for verbs that ask it; empty: it is not asked.
cli::Option address_option(const std::string& name, const std::string& fallback, const std::string& variable);

// For Option::check.
Status check_address(std::string_view text);

}  // namespace longshore::app
