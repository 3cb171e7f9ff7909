#include "agent/core/service_spec.h"

#include <algorithm>
#include <set>

#include "agent/core/addresses.h"
#include "agent/core/checks.h"
#include "agent/core/meta.h"
#include "agent/core/metadata.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

bool has_label(const docker::Container& container, const LabelRequirement& wanted) {
  const auto found = container.labels.find(wanted.name);
  return found != container.labels.end() && (!wanted.value || *wanted.value == found->second);
}

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

std::string label(const docker::Container& container, const std::string& name) {
  const auto found = container.labels.find(name);
  return found == container.labels.end() ? std::string() : found->second;
}

// Everything that all ports of a container share.
struct Context {
  const docker::Container& container;
  const AgentOptions& options;
  const NodeFacts& facts;
  const docker::Container* owner;
  bool group;  // more than one port: names get a suffix
};

std::string service_id(const Context& context, docker::Port port, const Metadata& metadata) {
  if (const std::string_view given = metadata.get("id"); !given.empty()) return std::string(given);
  std::string id = context.facts.hostname + ":" + context.container.name + ":" + std::to_string(port.number);
  if (port.protocol == docker::Protocol::udp) id += ":udp";
  if (port.protocol == docker::Protocol::sctp && !context.options.compatible) id += ":sctp";
  return id;
}

std::vector<std::string> service_tags(const Context& context, docker::Port port, const Metadata& metadata) {
  std::vector<std::string> own = split_tags(metadata.get("tags"));
  std::vector<std::string> forced = context.options.tags;
  if (context.options.compatible) {
    // Registrator sends each list backwards.
    std::reverse(own.begin(), own.end());
    std::reverse(forced.begin(), forced.end());
  }
  own.insert(own.end(), forced.begin(), forced.end());
  if (port.protocol == docker::Protocol::udp) own.emplace_back("udp");
  return own;
}

consul::StringMap service_meta(const Context& context, const Metadata& metadata,
                               const std::vector<consul::CheckDefinition>& checks, std::vector<std::string>& notes) {
  consul::StringMap own;
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) own.emplace(key, cut_value(value));
  };
  put(kMetaOwner, context.facts.owner);
  put(kMetaContainer, context.container.id.substr(0, 12));
  put(kMetaImage, context.container.image_reference);
  put(kMetaRevision, label(context.container, "org.opencontainers.image.revision"));
  put(kMetaEnv, context.options.env);
  put(kMetaChecks, checks_fingerprint(checks));
  consul::StringMap meta = attributes(metadata, context.options.meta, own.size(), notes);
  meta.merge(own);
  return meta;
}

void add_port(const Context& context, const PortCandidate& candidate, ContainerServices& out) {
  const docker::Port port = candidate.port;
  const auto reject = [&](std::string reason, bool expected) {
    out.rejects.push_back({port, std::move(reason), expected});
  };
  const AgentOptions& options = context.options;
  if (!options.internal && candidate.host_port == 0) return reject("not published", true);
  const Metadata metadata = metadata_for(context.container, port.number);
  if (is_on(metadata.get("ignore"), options.compatible)) return reject("SERVICE_IGNORE", true);
  std::string name(metadata.get("name"));
  if (name.empty() && options.explicit_names) return reject("no SERVICE_NAME, and -explicit asks for one", true);
  if (name.empty()) name = default_name(context.container, options.compatible);
  if (context.group && !metadata.from_port.contains("name")) name += "-" + std::to_string(port.number);

  const Endpoint endpoint = choose_endpoint(context.container, candidate, options, context.facts, context.owner);
  if (!endpoint.refusal.empty()) return reject(endpoint.refusal, false);

  const CheckTarget target{endpoint.address, endpoint.port, context.container.id, port.number};
  CheckChoice choice = choose_check(metadata, target, options);
  if (!choice.refusal.empty()) return reject(choice.refusal, false);

  consul::Registration service;
  service.id = service_id(context, port, metadata);
  service.name = std::move(name);
  service.tags = service_tags(context, port, metadata);
  service.port = endpoint.port;
  service.address = endpoint.address;
  if (choice.check) service.checks.push_back(std::move(*choice.check));
  service.meta = service_meta(context, metadata, service.checks, choice.notes);
  for (std::string& text : choice.notes) out.notes.push_back({port, std::move(text)});
  for (const consul::Registration& earlier : out.services)
    if (earlier.id == service.id)
      return reject(
          "its ID " + service.id + " is taken by port " + std::to_string(earlier.port) + " of the same container",
          false);
  out.services.push_back(std::move(service));
  out.ports.push_back(port);
}

}  // namespace

std::string_view last_path_element(std::string_view reference) {
  return reference.substr(reference.rfind('/') + 1);
}

std::string default_name(const docker::Container& container, bool compatible) {
  if (!compatible && is_image_id(container)) {
    const std::string compose = label(container, "com.docker.compose.service");
    return compose.empty() ? container.name : compose;
  }
  const std::string_view last = last_path_element(container.image_reference);
  const std::string_view name = last.substr(0, last.find(':'));
  return std::string(compatible ? name : name.substr(0, name.find('@')));
}

ContainerServices services_of(const docker::Container& container, const AgentOptions& options, const NodeFacts& facts,
                              const docker::Container* owner) {
  ContainerServices out;
  if (options.require_label && !has_label(container, *options.require_label)) {
    out.rejects.push_back({std::nullopt, "no label " + options.require_label->name, true});
    return out;
  }
  const std::vector<PortCandidate> candidates = port_candidates(container);
  const auto usable = std::count_if(candidates.begin(), candidates.end(), [&](const PortCandidate& candidate) {
    return options.internal || candidate.host_port != 0;
  });
  const Context context{container, options, facts, owner, usable > 1};
  for (const PortCandidate& candidate : candidates) add_port(context, candidate, out);
  if (candidates.empty()) out.rejects.push_back({std::nullopt, "no ports exposed or published", true});
  return out;
}

}  // namespace longshore::agent
