#include "common/main/process_options.h"

namespace longshore::app {
namespace {

Status check_level(std::string_view text) {
  LS_TRY_STATUS(status::parse_level(text));
  return {};
}

Status check_format(std::string_view text) {
  if (text == "text" || text == "json") return {};
  return fail(Errc::invalid_input, "use text or json");
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

Status check_address(std::string_view text) {
  if (text.empty()) return {};
  LS_TRY_STATUS(net::parse_url(text, 0));
  return {};
}

cli::Option address_option(const std::string& name, const std::string& fallback, const std::string& variable) {
  cli::Option option;
  option.names = {name};
  option.value_name = "ADDR";
  option.help = "Where it is; empty: not asked.";
  option.fallback = fallback;
  option.env = {variable};
  option.check = check_address;
  return option;
}

cli::OptionTable http_options(const std::string& verb, const std::string& http_addr) {
  return cli::OptionTable({
      {.names = {"http-addr"},
       .value_name = "ADDR",
       .help = "Address of the status pages (/healthz /readyz /metrics /v1/status); empty switches them off. "
               "LONGSHORE_HTTP_ADDR is for where only one part runs, as in a container: agent, renderer and proxy of "
               "one shell would share the port.",
       .fallback = http_addr,
       .env = {"LONGSHORE_" + upper(verb) + "_HTTP_ADDR", "LONGSHORE_HTTP_ADDR"},
       .group = "Status and log",
       .check = check_address},
  });
}

cli::OptionTable log_options(const std::string& level, bool checked) {
  return cli::OptionTable({
      {.names = {"log-level"},
       .value_name = "LEVEL",
       .help = "trace, debug, info, warn or error.",
       .fallback = level,
       .env = {"LONGSHORE_LOG_LEVEL"},
       .group = "Status and log",
       .check = checked ? check_level : nullptr},
      {.names = {"log-format"},
       .value_name = "FORMAT",
       .help = "text (key=value) or json, one line per event on stderr.",
       .fallback = "text",
       .env = {"LONGSHORE_LOG_FORMAT"},
       .group = "Status and log",
       .check = check_format},
  });
}

Result<std::optional<net::Endpoint>> http_address(const cli::Parsed& parsed) {
  const std::string& text = parsed.text("http-addr");
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  return std::optional<net::Endpoint>(std::move(endpoint));
}

Result<std::optional<net::Endpoint>> http_address_of_variable(const cli::Environment& environment,
                                                              const std::string& verb) {
  const std::string text = pages_of_variable(environment, verb);
  if (text.empty()) return std::optional<net::Endpoint>();
  LS_TRY(endpoint, net::parse_url(text, 0));
  return std::optional<net::Endpoint>(std::move(endpoint));
}

std::string pages_of_variable(const cli::Environment& environment, const std::string& verb) {
  const auto found = environment.find("LONGSHORE_" + upper(verb) + "_HTTP_ADDR");
  return found == environment.end() ? std::string() : found->second;
}

Result<status::LogOptions> log_options_of(const cli::Parsed& parsed, std::string component) {
  status::LogOptions options;
  LS_TRY(level, status::parse_level(parsed.text("log-level")));
  options.level = level;
  options.format = parsed.text("log-format") == "json" ? status::LogFormat::json : status::LogFormat::key_value;
  options.component = std::move(component);
  return options;
}

}  // namespace longshore::app
