#include "common/deploy/registry_auth.h"

#include <algorithm>

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

}  // namespace

std::string registry_of(std::string_view image) {
  const std::size_t slash = image.find('/');
  const std::string_view first = image.substr(0, slash);
  const bool is_host =
      slash != std::string_view::npos && (first == "localhost" || first.find_first_of(".:") != std::string_view::npos);
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
    json::Value out = {{"serveraddress", address}};
    if (token.empty())
      out.update({{"username", user}, {"password", password}});
    else
      out["identitytoken"] = token;
    std::string encoded = consul::encode_base64(json::dump(out));
    std::ranges::replace(encoded, '+', '-');
    std::ranges::replace(encoded, '/', '_');
    return encoded;
  }
  return {};
}

}  // namespace longshore::deploy
