#include "renderer/core/nginx_build.h"

#include <algorithm>
#include <charconv>

#include "common/base/text.h"

namespace longshore::render {
namespace {

// Since when, and what leaves it out. Source: nginx's documentation of each directive.
struct Feature {
  std::string_view name;
  std::string_view since;
  std::string_view left_out_by;  // --without-..
  std::string_view needs;        // --with-..
};
constexpr std::array kFeatures = {
    Feature{"zone", "1.9.0", "http_upstream_zone_module", ""},
    Feature{"random", "1.15.1", "http_upstream_random_module", ""},
    Feature{"least_conn", "1.3.1", "http_upstream_least_conn_module", ""},
    Feature{"keepalive", "1.1.4", "http_upstream_keepalive_module", ""},
    // Of a server in an upstream; before that the commercial version had it.
    Feature{"resolve", "1.27.3", "http_upstream_zone_module", ""},
    Feature{"cache", "0.7.44", "http-cache", ""},
    Feature{"http2", "1.25.1", "", "http_v2_module"},
    Feature{"quic", "1.25.0", "", "http_v3_module"},
};

}  // namespace

NginxBuild::NginxBuild(std::string_view text) {
  for (const std::string& line : base::split(text, '\n')) {
    constexpr std::string_view kVersion = " version: ", kArguments = "configure arguments:", kFiles = "modules:";
    if (const std::size_t at = line.find(kVersion); at != std::string::npos && !known_) {
      const std::string_view name = std::string_view(line).substr(at + kVersion.size());
      const std::size_t slash = name.find('/');
      if (slash == std::string_view::npos) continue;
      const std::string_view number = name.substr(slash + 1, name.find(' ', slash) - slash - 1);
      known_ = parse(number, version_);
      if (known_) version_text_ = number;
    }
    const auto words = [&](std::string_view head, std::vector<std::string>& out) {
      if (!line.starts_with(head)) return;
      for (const std::string& word : base::split(line.substr(head.size()), ' '))
        if (!word.empty()) out.push_back(word);
    };
    words(kArguments, arguments_);
    words(kFiles, files_);
  }
}

bool NginxBuild::parse(std::string_view text, Version& out) {
  Version read{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < read.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, read[i]);
    if (error != std::errc() || read[i] < 0) return false;
    at = next;
    if (at == end || *at != '.') {
      if (i == 0) return false;
      break;
    }
    ++at;
  }
  out = read;
  return true;
}

bool NginxBuild::at_least(std::string_view version) const {
  Version wanted{};
  return parse(version, wanted) && version_ >= wanted;
}

bool NginxBuild::argument(std::string_view name) const {
  return std::ranges::any_of(arguments_, [&](const std::string& one) {
    return one.starts_with("--") &&
           one.substr(2, one.find('=') == std::string::npos ? one.npos : one.find('=') - 2) == name;
  });
}

bool NginxBuild::without(std::string_view module) const {
  return argument("without-" + std::string(module));
}

std::string NginxBuild::value_of(std::string_view name) const {
  const std::string head = "--" + std::string(name) + "=";
  for (const std::string& one : arguments_)
    if (one.starts_with(head)) return one.substr(head.size());
  return {};
}

std::string NginxBuild::modules_path() const {
  if (std::string path = value_of("modules-path"); !path.empty()) return path;
  const std::string prefix = value_of("prefix");
  return prefix.empty() ? prefix : prefix + "/modules";
}

std::string NginxBuild::module_file(std::string_view module) const {
  const std::string file = "ngx_" + std::string(module) + (module.ends_with("_module") ? "" : "_module") + ".so";
  return std::ranges::find(files_, file) == files_.end() ? std::string() : modules_path() + "/" + file;
}

bool NginxBuild::has(std::string_view what) const {
  if (what.empty()) return false;
  if (what.front() >= '0' && what.front() <= '9') return at_least(what);
  for (const Feature& feature : kFeatures) {
    if (feature.name != what) continue;
    const bool there = feature.needs.empty() || argument("with-" + std::string(feature.needs));
    return there && at_least(feature.since) && (feature.left_out_by.empty() || !without(feature.left_out_by));
  }
  const std::string module(what);
  for (const std::string& name : {module, module + "_module"}) {
    const std::string flag = "with-" + name;
    if (value_of(flag) == "dynamic") return !module_file(name).empty();
    if (argument(flag)) return true;
  }
  return !module_file(module).empty();
}

}  // namespace longshore::render
