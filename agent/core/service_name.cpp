#include <algorithm>

#include "agent/core/service_spec.h"

namespace longshore::agent {
namespace {

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Compose v2 starts containers by image ID, in full or cut to at least 12 digits.
bool is_image_id(const docker::Container& container) {
  const std::string_view reference = container.image_reference;
  if (reference.starts_with("sha256:")) return true;
  const std::string_view id = container.image_id;
  return reference.size() >= 12 && is_hexadecimal(reference) && id.starts_with("sha256:") &&
         id.substr(7).starts_with(reference);
}

std::string image_name(const docker::Container& container) {
  if (is_image_id(container)) return {};
  const std::string_view last = last_path_element(container.image_reference);
  return std::string(last.substr(0, last.find_first_of(":@")));
}

std::string name_by(NameSource source, const docker::Container& container) {
  const auto label = [&](const char* name) {
    const auto found = container.labels.find(name);
    return found == container.labels.end() ? std::string() : found->second;
  };
  switch (source) {
    case NameSource::image:
      return image_name(container);
    case NameSource::compose:
      return label("com.docker.compose.service");
    case NameSource::swarm:
      return label("com.docker.swarm.service.name");
    case NameSource::container:
      return container.name;
  }
  return {};
}

}  // namespace

std::string_view last_path_element(std::string_view reference) {
  return reference.substr(reference.rfind('/') + 1);
}

std::string default_name(const docker::Container& container, const AgentOptions& options) {
  if (options.compatible) {
    const std::string_view last = last_path_element(container.image_reference);
    return std::string(last.substr(0, last.find(':')));
  }
  for (const NameSource source : options.name_from)
    if (std::string name = name_by(source, container); !name.empty()) return name;
  for (const NameSource source : {NameSource::image, NameSource::compose, NameSource::swarm})
    if (std::string name = name_by(source, container); !name.empty()) return name;
  return container.name;
}

}  // namespace longshore::agent
