#include "common/deploy/registry_auth.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/consul/codec.h"
#include "common/json/json.h"

namespace longshore::deploy {
namespace {

constexpr std::string_view kHub = "https://index.docker.io/v1/";

std::string text_at(const json::Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "https://registry.example/v2/" and "registry.example" are one.
std::string host_of(std::string_view address) {
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos)
    address.remove_prefix(scheme + 3);
  return std::string(address.substr(0, address.find('/')));
}

// The value of X-Registry-Auth. token: an identity token; then user and password say nothing.
std::string header_value(const std::string& server, const std::string& user, const std::string& password,
                         const std::string& token) {
  json::Value out = {{"serveraddress", server}};
  if (token.empty())
    out.update({{"username", user}, {"password", password}});
  else
    out["identitytoken"] = token;
  std::string encoded = consul::encode_base64(json::dump(out));
  std::ranges::replace(encoded, '+', '-');
  std::ranges::replace(encoded, '/', '_');
  return encoded;
}

constexpr std::size_t kMostWords = 200;  // of a helper's complaint
constexpr int kNotFound = 127;           // of a shell, for a program that is not there

}  // namespace

std::string registry_of(std::string_view image) {
  const std::size_t slash = image.find('/');
  const std::string_view first = image.substr(0, slash);
  const bool is_host =
      slash != std::string_view::npos && (first == "localhost" || first.find_first_of(".:") != std::string_view::npos);
  if (first == "docker.io" || first == "index.docker.io") return std::string(kHub);
  return std::string(is_host ? first : kHub);
}

PullName pull_name(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return {std::string(image), ""};
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && colon < slash))
    return {std::string(image), "latest"};
  return {std::string(image.substr(0, colon)), std::string(image.substr(colon + 1))};
}

std::string registry_auth(std::string_view config_json, std::string_view image) {
  const Result<json::Value> config = json::parse(config_json, "config.json");
  if (!config || !config->is_object()) return {};
  const auto auths = config->find("auths");
  if (auths == config->end() || !auths->is_object()) return {};
  const std::string registry = registry_of(image);
  for (const auto& [address, entry] : auths->items()) {
    if (!entry.is_object() || (address != registry && host_of(address) != host_of(registry))) continue;
    std::string user = text_at(entry, "username");
    std::string password = text_at(entry, "password");
    if (const auto pair = consul::decode_base64(text_at(entry, "auth")); pair && pair->find(':') != std::string::npos) {
      user = pair->substr(0, pair->find(':'));
      password = pair->substr(pair->find(':') + 1);
    }
    const std::string token = text_at(entry, "identitytoken");
    if (user.empty() && token.empty()) continue;
    return header_value(address, user, password, token);
  }
  return {};
}

Result<std::string> credential_helper(std::string_view config_json, std::string_view image) {
  const Result<json::Value> config = json::parse(config_json, "config.json");
  if (!config || !config->is_object()) return std::string();
  const std::string registry = registry_of(image);
  std::string helper = text_at(*config, "credsStore");
  if (const auto helpers = config->find("credHelpers"); helpers != config->end() && helpers->is_object())
    for (const auto& [address, name] : helpers->items()) {
      const bool exact = address == registry;
      if (!name.is_string() || (!exact && host_of(address) != host_of(registry))) continue;
      helper = name.get<std::string>();
      if (exact) break;
    }
  if (helper.find('/') != std::string::npos)
    return fail(Errc::invalid_input, "config.json: " + base::log_value(helper) + " is no credential helper's name");
  return helper;
}

Result<std::string> auth_of_helper(const std::string& helper, std::string_view server, int exit_code,
                                   std::string_view output) {
  const std::string program = "docker-credential-" + helper;
  const std::string_view said = base::trim(output);
  if (exit_code == kNotFound) return fail(Errc::not_found, program + ", which config.json names, is not on PATH");
  if (exit_code != 0) {
    // The protocol's own words: it has nothing for that server.
    if (said == "credentials not found in native keychain") return std::string();
    // What looks like its answer is none of the log's business.
    const bool words = !said.empty() && said.find('{') == std::string_view::npos;
    return fail(Errc::rejected, program + ": " +
                                    (words ? std::string(said.substr(0, std::min(said.find('\n'), kMostWords)))
                                           : "exit code " + std::to_string(exit_code)));
  }
  const Result<json::Value> answer = json::parse(said, program);
  if (!answer || !answer->is_object()) return fail(Errc::protocol, program + ": what it wrote is no JSON object");
  const std::string user = text_at(*answer, "Username");
  const std::string secret = text_at(*answer, "Secret");
  if (user.empty() || secret.empty())
    return fail(Errc::protocol, program + ": Username or Secret is missing in what it wrote");
  const bool token = user == "<token>";
  return header_value(std::string(server), user, secret, token ? secret : std::string());
}

}  // namespace longshore::deploy
