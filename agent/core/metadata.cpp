#include "agent/core/metadata.h"

#include <array>
#include <optional>

#include "common/base/text.h"

namespace longshore::agent {
namespace {

constexpr std::string_view kPrefix = "SERVICE_";

// Go's strconv.Atoi also takes a plus sign.
bool is_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  return base::parse_int(text).has_value();
}

void fold(Metadata& into, std::string_view name, std::string_view value, std::string_view port) {
  if (!name.starts_with(kPrefix)) return;
  const std::string key = base::to_lower_ascii(name.substr(kPrefix.size()));
  const std::size_t underscore = key.find('_');
  if (underscore != std::string::npos && is_integer(std::string_view(key).substr(0, underscore))) {
    if (std::string_view(key).substr(0, underscore) != port) return;
    const std::string scoped = key.substr(underscore + 1);
    into.values[scoped] = value;
    into.from_port.insert(scoped);
  } else if (!into.from_port.contains(key)) {
    into.values[key] = value;
  }
}

}  // namespace

std::string_view Metadata::get(std::string_view key) const {
  const auto found = values.find(std::string(key));
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

Metadata metadata_for(const docker::Container& container, std::uint16_t container_port) {
  const std::string port = std::to_string(container_port);
  Metadata out;
  for (const std::string& entry : container.env) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    fold(out, std::string_view(entry).substr(0, equals), std::string_view(entry).substr(equals + 1), port);
  }
  for (const auto& [name, value] : container.labels) fold(out, name, value, port);
  return out;
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  std::string tag;
  const auto finish = [&] {
    if (!tag.empty()) tags.push_back(std::move(tag));
    tag.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',')
      tag += text[++i];
    else if (text[i] == ',')
      finish();
    else
      tag += text[i];
  }
  finish();
  return tags;
}

bool is_on(std::string_view value, bool compatible) {
  if (value.empty()) return false;
  if (compatible) return true;
  constexpr std::array<std::string_view, 6> kOff = {"0", "f", "false", "n", "no", "off"};
  const std::string word = base::to_lower_ascii(value);
  for (const std::string_view off : kOff)
    if (word == off) return false;
  return true;
}

}  // namespace longshore::agent
