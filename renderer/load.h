// From a command line, an environment and configuration files to all that a renderer is told.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "common/cli/parser.h"
#include "renderer/config.h"
#include "renderer/options.h"
#include "renderer/settings/settings.h"

namespace longshore::render {

// consul-template's exit codes of what can be wrong before a renderer exists.
inline constexpr int kExitUsage = 13;
inline constexpr int kExitConfiguration = 15;

struct LoadError {
  int exit_code = kExitConfiguration;
  std::string text = {};
};

// Under which name we were called; it decides defaults and how strict we are.
enum class Name { own, compatible };

// Read when there is no -config, under our own name, if it exists.
inline constexpr const char* kDefaultFile = "/etc/longshore/longshore.hcl";

struct LoadedSettings {
  settings::Settings settings;       // all layers, with the defaults of that name
  std::vector<std::string> remarks;  // what the user should be told
};

// Layers, lowest first: defaults, environment, files (-config, in order), CT_LOCAL_CONFIG, options. Templates of all
// layers are kept, in that order.
std::expected<LoadedSettings, LoadError> load_settings(const cli::Parsed& parsed, const cli::Environment& environment,
                                                       Name name);

struct Loaded {
  RenderConfig config;
  settings::Settings settings;
  std::vector<std::string> remarks;
};

std::expected<Loaded, LoadError> finish(LoadedSettings settings, const cli::Environment& environment, Name name);

// Both.
std::expected<Loaded, LoadError> load(const cli::Parsed& parsed, const cli::Environment& environment, Name name);

// Load again, for RenderConfig::reread. `adopted` is told of what was good, and may still refuse it.
Reread reread_of(cli::Parsed parsed, cli::Environment environment, Name name,
                 std::function<Status(const Loaded&)> adopted = {});

}  // namespace longshore::render
