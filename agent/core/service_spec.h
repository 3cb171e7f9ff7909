// A running container becomes service definitions, by Registrator's rules. Pure; the same input gives the same
// output in the same order.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/node_facts.h"
#include "agent/core/routes.h"
#include "common/consul/model.h"
#include "common/docker/model.h"

namespace longshore::agent {

// Why a port is not registered; without a port: the whole container.
struct Reject {
  std::optional<docker::Port> port;
  std::string reason;
  // The user did not ask for it (no label, not published): nothing to fix.
  bool expected = false;
  bool operator==(const Reject&) const = default;
};

// Registered, but not quite as asked.
struct Note {
  docker::Port port;  // number 0: the whole container, or a service without a port
  std::string text;
  bool operator==(const Note&) const = default;
};

struct ContainerServices {
  std::vector<consul::Registration> services;  // by port; IDs are unique
  std::vector<docker::Port> ports;             // of services, in the same order: the container's own
  std::vector<std::string> reasons;            // of services: where address and port are from
  std::vector<Reject> rejects;
  std::vector<Note> notes;
  bool operator==(const ContainerServices&) const = default;
};

// -tags, as they are for one container.
struct ForcedTags {
  std::vector<std::string> tags;
  std::string problem;  // not empty: the template failed for this container, which goes without these tags
  bool operator==(const ForcedTags&) const = default;
};

// `owner`: the container whose network this one shares (NetworkMode container:…), nullptr when unknown or none.
// `forced`: nullptr = options.tags. `targets`: of all containers of this host; nullptr = only this one's.
ContainerServices services_of(const docker::Container& container, const AgentOptions& options, const NodeFacts& facts,
                              const docker::Container* owner, const ForcedTags* forced = nullptr,
                              const std::vector<RouteTarget>* targets = nullptr);

// The service name when nobody gives one: by -name-from, usually the image's last path element without tag and digest;
// for an image that is given by its ID the compose service, the swarm service or the container's name. Compatible: the
// image's last path element, cut at the first colon only.
std::string default_name(const docker::Container& container, const AgentOptions& options);

// Go's path.Base of an image reference, for default_name.
std::string_view last_path_element(std::string_view reference);

}  // namespace longshore::agent
