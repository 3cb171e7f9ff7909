// The values of one verb's options after all layers, each checked when it was set: reading cannot fail.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/duration.h"
#include "common/cli/options.h"

namespace longshore::cli {

// Where a value came from.
enum class Origin { fallback, environment, file, local_config, option };
std::string_view to_string(Origin origin);

// Which layer wins; local_config is consul-template's CT_LOCAL_CONFIG.
enum class Precedence {
  own,              // option, environment, local_config, file, default
  consul_template,  // option, local_config, file, environment, default
};

class Parsed {
 public:
  explicit Parsed(OptionTable table, Precedence precedence = Precedence::own);

  // Names are primary names or aliases. An unknown name or the wrong kind is a bug: asserts.
  bool boolean(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  base::Duration duration(std::string_view name) const;
  // The winning layer's values, in order; layers are not mixed.
  const std::vector<std::string>& list(std::string_view name) const;
  // One layer alone (consul-template appends templates instead of replacing them). Empty when not set there.
  std::vector<std::string> list_of(std::string_view name, Origin layer) const;

  // The layer that text(), list()... answer from.
  Origin origin(std::string_view name) const;
  // Set by anything but the default.
  bool is_set(std::string_view name) const { return origin(name) != Origin::fallback; }
  bool is_set_by(std::string_view name, Origin layer) const;

  // -h, -help or --help was given: print help, exit 0. Options before it are parsed, those after it are not looked at.
  bool help = false;
  // What is not an option, in order.
  std::vector<std::string> positionals;

  // Sets (list: appends) a value in a layer. `subject` names the place in errors: "flag -n",
  // "environment variable X", "file.hcl:3: ip"; the error is `invalid value "x" for <subject>: <reason>`.
  Status set(Origin layer, std::string_view name, std::string_view value, std::string_view subject);

  const OptionTable& table() const { return table_; }
  // The part of a prefixed table, under the names of `table`: parsed.part("agent.", agent_options()).
  Parsed part(std::string_view prefix, const OptionTable& table) const;

 private:
  using Value = std::variant<bool, std::string, std::int64_t, base::Duration, std::vector<std::string>>;
  using Layers = std::array<std::optional<Value>, 5>;

  const Layers& layers(std::string_view name) const;
  const Value& winner(std::string_view name) const;

  OptionTable table_;
  Precedence precedence_;
  std::map<std::string, Layers, std::less<>> values_;  // by primary name
};

// Go's strconv.ParseBool: 1 t T true TRUE True 0 f F false FALSE False.
std::optional<bool> parse_bool(std::string_view text);

}  // namespace longshore::cli
