#include "renderer/load.h"

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <utility>

#include "common/base/text.h"
#include "common/consul/environment.h"
#include "renderer/io/nginx_includes.h"
#include "renderer/settings/environment.h"
#include "renderer/settings/files.h"
#include "renderer/settings/finalize.h"
#include "renderer/settings/from_options.h"
#include "renderer/settings/merge.h"

namespace longshore::render {
namespace {

using settings::Settings;
using std::chrono::seconds;

// What -print-config shows of a renderer that was told nothing. Retries have no entry: endless unless somebody typed a
// number.
Settings defaults(Name name) {
  Settings out;
  out.block_query_wait = seconds(60);
  out.default_delimiters.left = "{{";
  out.default_delimiters.right = "}}";
  out.exec.kill_signal = settings::Signal{SIGINT};
  out.exec.kill_timeout = seconds(30);
  out.hold = seconds(10);
  out.kill_signal = settings::Signal{SIGINT};
  out.log_file.log_rotate_duration = std::chrono::hours(24);
  out.log_format = "text";
  out.log_level = name == Name::compatible ? "WARN" : "info";
  out.max_connections = 64;
  out.max_stale = seconds(2);
  out.nginx.executable = "nginx";
  out.reload_signal = settings::Signal{SIGHUP};
  out.syslog.facility = "LOCAL0";
  out.syslog.name = "consul-template";
  return out;
}

std::unexpected<LoadError> refused(int exit_code, std::string text) {
  return std::unexpected(LoadError{exit_code, std::move(text)});
}

bool exists(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0;
}

// Options of Vault are refused, not ignored: whoever types one means it.
std::optional<std::string> typed_vault_option(const cli::Parsed& parsed) {
  const cli::OptionTable table = vault_options();
  for (const cli::Option& option : table.all()) {
    const std::string& name = option.names.front();
    if (parsed.table().find(name) != nullptr && parsed.is_set_by(name, cli::Origin::option)) return name;
  }
  return std::nullopt;
}

constexpr const char* kNginxConf = "/etc/nginx/nginx.conf";

// A backup that nginx includes is a second copy of the site. Without a readable configuration Debian's counts, which
// includes sites-enabled/* whatever the suffix.
class BackupJudge {
 public:
  bool is_read_by_nginx(const std::string& destination) {
    const std::filesystem::path path = std::filesystem::absolute(destination + ".bak");
    if (path.parent_path().filename() == "sites-enabled") return true;
    if (!patterns_) patterns_ = include_patterns(kNginxConf);
    return is_included(*patterns_, path.string());
  }

 private:
  std::optional<std::vector<std::string>> patterns_;
};

// A layer from a file or from CT_LOCAL_CONFIG. `once` of a file had no effect in consul-template.
void add(LoadedSettings& out, settings::Decoded layer, Name name, bool& said_syslog) {
  said_syslog = said_syslog || settings::given(layer.settings.syslog);
  if (name == Name::compatible) {
    layer.settings.once.reset();
    layer.settings.parse_only.reset();
  }
  settings::merge(out.settings, layer.settings);
  for (std::string& remark : layer.remarks) out.remarks.push_back(std::move(remark));
}

// As Consul's library for Go: it says so and goes on.
void drop_what_is_no_boolean(cli::Environment& environment, std::vector<std::string>& remarks) {
  for (const char* name : {"CONSUL_HTTP_SSL", "CONSUL_HTTP_SSL_VERIFY"}) {
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty() || consul::parse_boolean(found->second)) continue;
    remarks.push_back(std::string(name) + " is not used: not a boolean: " + base::log_value(found->second));
    environment.erase(found);
  }
}

// One remark for each product, whatever number of files and variables speak of it.
void name_unused_products(const cli::Environment& environment, std::vector<std::string>& remarks) {
  for (const std::string product : {"Vault", "Nomad"}) {
    const std::string what = product + " is not supported";
    bool said = false;
    std::erase_if(remarks, [&](const std::string& remark) {
      return remark.find(what) != std::string::npos && std::exchange(said, true);
    });
    const std::string prefix = product == "Vault" ? "VAULT_" : "NOMAD_";
    for (const char* name : {"ADDR", "TOKEN"})
      if (!said && environment.contains(prefix + name)) {
        remarks.push_back(prefix + name + " is accepted and not used: " + what);
        said = true;
      }
  }
}

}  // namespace

std::expected<LoadedSettings, LoadError> load_settings(const cli::Parsed& parsed, const cli::Environment& environment,
                                                       Name name) {
  if (const auto vault = typed_vault_option(parsed))
    return refused(kExitUsage, "-" + *vault + ": Vault is not supported");
  LoadedSettings out;
  out.settings = defaults(name);
  settings::merge(out.settings, settings::from_environment(environment));
  const auto own_variables = settings::from_options(parsed, cli::Origin::environment);
  if (!own_variables) return refused(kExitUsage, own_variables.error().text);
  settings::merge(out.settings, *own_variables);

  bool said_syslog = false;
  std::vector<std::string> paths = parsed.list_of("config", cli::Origin::option);
  if (paths.empty() && name == Name::own && exists(kDefaultFile)) paths.emplace_back(kDefaultFile);
  for (const std::string& path : paths) {
    auto layers = settings::read_path(path);
    if (!layers) return refused(kExitConfiguration, layers.error().text);
    for (settings::Decoded& layer : *layers) add(out, std::move(layer), name, said_syslog);
  }
  if (const auto text = environment.find("CT_LOCAL_CONFIG"); text != environment.end() && !text->second.empty()) {
    auto layer = settings::decode(text->second, "CT_LOCAL_CONFIG");
    // There it is read with the command line.
    if (!layer) return refused(name == Name::compatible ? kExitUsage : kExitConfiguration, layer.error().text);
    add(out, std::move(*layer), name, said_syslog);
  }
  const auto options = settings::from_options(parsed, cli::Origin::option);
  if (!options) return refused(kExitUsage, options.error().text);
  settings::merge(out.settings, *options);
  out.settings.dry = options->dry;
  // Auto: on if anything about it is said; defaults do not count.
  if (!out.settings.syslog.enabled) out.settings.syslog.enabled = said_syslog || settings::given(options->syslog);
  if (settings::given(out.settings.deduplicate) && out.settings.deduplicate.enabled.value_or(true))
    out.remarks.emplace_back("de-duplication is accepted and not used: watches are shared and cheap without it");
  name_unused_products(environment, out.remarks);
  return out;
}

std::expected<Loaded, LoadError> finish(LoadedSettings merged, const cli::Environment& given, Name name) {
  cli::Environment environment = given;
  if (name == Name::compatible) drop_what_is_no_boolean(environment, merged.remarks);
  auto config = settings::finalize(merged.settings, environment, name);
  if (!config) return std::unexpected(std::move(config.error()));
  BackupJudge judge;
  for (const TemplateSpec& spec : config->machine.templates)
    if (spec.file.backup && judge.is_read_by_nginx(spec.destination))
      merged.remarks.push_back("backup: nginx includes " + spec.destination + ".bak too, as a second copy");
  return Loaded{std::move(*config), std::move(merged.settings), std::move(merged.remarks)};
}

std::expected<Loaded, LoadError> load(const cli::Parsed& parsed, const cli::Environment& environment, Name name) {
  auto merged = load_settings(parsed, environment, name);
  if (!merged) return std::unexpected(std::move(merged.error()));
  return finish(std::move(*merged), environment, name);
}

Reread reread_of(cli::Parsed parsed, cli::Environment environment, Name name,
                 std::function<Status(const Loaded&)> adopted) {
  return [parsed = std::move(parsed), environment = std::move(environment), name,
          adopted = std::move(adopted)]() -> Result<RenderConfig> {
    auto loaded = load(parsed, environment, name);
    if (!loaded) return fail(Errc::invalid_input, std::move(loaded.error().text));
    if (adopted) LS_TRY_STATUS(adopted(*loaded));
    return std::move(loaded->config);
  };
}

}  // namespace longshore::render
