#include "agent/core/meta.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace longshore::agent {
namespace {

bool allowed_key(std::string_view key) {
  return !key.empty() && key.size() <= kMetaKeyBytes && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

// What routing reads survives longest.
int rank(std::string_view key) {
  return key == "host" || key == "path" || key == "port" ? 0 : 1;
}

// Keys that the agent itself acts on. `port` does so only for one port: without it is the attribute that routing reads.
bool is_setting(const Metadata& metadata, std::string_view key, bool compatible) {
  if (compatible) return key == "ignore" || key.starts_with("check_");
  constexpr std::array<std::string_view, 10> kSettings = {
      "ignore", "ports", "address", "ip", "network", "internal", "enable_tag_override", "drain", "on_stop", "lease"};
  if (key == "port") return metadata.from_port.contains("port");
  return key.starts_with("check_") || std::find(kSettings.begin(), kSettings.end(), key) != kSettings.end();
}

}  // namespace

bool looks_secret(std::string_view key) {
  constexpr std::array<std::string_view, 17> kAnywhere = {
      "password",    "passwd",        "passphrase",       "secret",      "token",       "credential",     "api_key",
      "apikey",      "access_key",    "accesskey",        "private_key", "signing_key", "encryption_key", "ssh_key",
      "license_key", "authorization", "connection_string"};
  constexpr std::array<std::string_view, 7> kWords = {"pass", "pwd", "pw", "auth", "jwt", "dsn", "cookie"};
  std::string lower = base::to_lower_ascii(key);
  std::replace(lower.begin(), lower.end(), '-', '_');
  std::replace(lower.begin(), lower.end(), '.', '_');
  for (const std::string_view part : kAnywhere)
    if (lower.find(part) != std::string::npos) return true;
  for (const std::string& word : base::split(lower, '_'))
    if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
  return false;
}

std::string cut_value(std::string_view value) {
  if (value.size() <= kMetaValueBytes) return std::string(value);
  std::size_t end = kMetaValueBytes;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return std::string(value.substr(0, end));
}

consul::StringMap attributes(const Metadata& metadata, MetaChoice choice, std::size_t reserved,
                             std::vector<std::string>& notes, bool compatible) {
  std::vector<std::pair<std::string, std::string>> kept;
  for (const auto& [key, value] : metadata.values) {
    if (key == "id" || key == "name" || key == "tags") continue;
    const bool safe = choice == MetaChoice::safe;
    if (safe && (is_setting(metadata, key, compatible) || looks_secret(key))) continue;
    if (key.starts_with("consul-") || key.starts_with("longshore-")) {
      notes.push_back("meta " + key + ": reserved name");
    } else if (!allowed_key(key)) {
      notes.push_back("meta " + base::log_value(key.substr(0, kMetaKeyBytes)) + ": Consul allows no such name");
    } else {
      if (value.size() > kMetaValueBytes)
        notes.push_back("meta " + key + ": cut to 512 bytes from " + std::to_string(value.size()));
      kept.emplace_back(key, cut_value(value));
    }
  }
  const std::size_t room = kMetaPairs - std::min(kMetaPairs, reserved);
  if (kept.size() > room) {
    std::stable_sort(kept.begin(), kept.end(),
                     [](const auto& left, const auto& right) { return rank(left.first) < rank(right.first); });
    notes.push_back("meta: " + std::to_string(kept.size() - room) + " pairs left out, Consul takes " +
                    std::to_string(kMetaPairs));
    kept.resize(room);
  }
  return {kept.begin(), kept.end()};
}

}  // namespace longshore::agent
