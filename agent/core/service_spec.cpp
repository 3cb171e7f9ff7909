#include "agent/core/service_spec.h"

#include <algorithm>
#include <set>

#include "agent/core/addresses.h"
#include "agent/core/checks.h"
#include "agent/core/kv_entry.h"
#include "agent/core/meta.h"
#include "agent/core/metadata.h"
#include "agent/core/ports.h"
#include "agent/core/routes.h"
#include "common/base/text.h"
#include "common/docker/codec.h"

namespace longshore::agent {
namespace {

bool has_label(const docker::Container& container, const LabelRequirement& wanted) {
  const auto found = container.labels.find(wanted.name);
  return found != container.labels.end() && (!wanted.value || *wanted.value == found->second);
}

bool has_service_label(const docker::Container& container) {
  const auto first = container.labels.lower_bound("SERVICE_");
  return first != container.labels.end() && first->first.starts_with("SERVICE_");
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
  const DeclaredPorts& declared;
  const ForcedTags& forced;
  const std::vector<RouteTarget>& targets;  // of all containers of this host
  const std::string own_targets;            // of this one, as Meta
  bool group = false;                       // more than one port: names get a suffix
};

// One port with what its metadata says.
struct PortPlan {
  PortCandidate candidate;
  Metadata metadata;
  AddressWish wish;
  std::vector<std::string> notes;
};

bool is_usable(const PortPlan& plan, const AgentOptions& options) {
  return plan.candidate.host_port != 0 || plan.candidate.port.number == 0 || plan.wish.port ||
         is_internal(plan.wish, options);
}

std::string service_id(const Context& context, docker::Port port, const Metadata& metadata) {
  if (const std::string_view given = metadata.get("id"); !given.empty()) return std::string(given);
  std::string id = context.facts.hostname + ":" + context.container.name + ":" + std::to_string(port.number);
  if (port.protocol == docker::Protocol::udp) id += ":udp";
  if (port.protocol == docker::Protocol::sctp && !context.options.compatible) id += ":sctp";
  return id;
}

std::vector<std::string> service_tags(const Context& context, docker::Port port, const Metadata& metadata) {
  std::vector<std::string> own = split_tags(metadata.get("tags"));
  std::vector<std::string> forced = context.forced.tags;
  if (context.options.compatible) {
    // Registrator sends each list backwards.
    std::reverse(own.begin(), own.end());
    std::reverse(forced.begin(), forced.end());
  }
  own.insert(own.end(), forced.begin(), forced.end());
  if (port.protocol == docker::Protocol::udp) own.emplace_back("udp");
  return own;
}

// What registries call the content: what is after the @ of the reference, else what Docker knows from pulling or
// pushing it, else (made here) the image's ID.
std::string image_digest(const docker::Container& container) {
  const std::size_t at = container.image_reference.find('@');
  if (at != std::string::npos) return container.image_reference.substr(at + 1);
  return container.image_digest.empty() ? container.image_id : container.image_digest;
}

std::string base_name(const Context& context, const Metadata& metadata) {
  const std::string_view given = metadata.get("name");
  return given.empty() ? default_name(context.container, context.options) : std::string(given);
}

std::string drain_time(const Metadata& metadata, std::vector<std::string>& notes) {
  const std::string text(metadata.get("drain"));
  if (text.empty()) return {};
  if (const auto time = base::parse_duration(text); time && time->count() >= 0) return text;
  notes.push_back("drain: not a duration: " + text);
  return {};
}

void judge_on_stop(const Metadata& metadata, std::vector<std::string>& notes) {
  const std::string_view text = metadata.get("on_stop");
  if (!text.empty() && text != "maintain" && text != "deregister")
    notes.push_back("on_stop: maintain or deregister, not " + base::log_value(text));
}

consul::StringMap service_meta(const Context& context, docker::Port port, const Metadata& metadata,
                               const std::vector<consul::CheckDefinition>& checks, std::vector<std::string>& notes) {
  consul::StringMap own;
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) own.emplace(key, cut_value(value));
  };
  put(kMetaOwner, context.facts.owner);
  put(kMetaContainer, context.container.id.substr(0, 12));
  put(kMetaImage, context.container.image_reference);
  put(kMetaDigest, image_digest(context.container));
  put(kMetaRevision, label(context.container, "org.opencontainers.image.revision"));
  put(kMetaVersion, label(context.container, "org.opencontainers.image.version"));
  put(kMetaEnv, context.options.env);
  put(kMetaDrain, drain_time(metadata, notes));
  judge_on_stop(metadata, notes);
  put(kMetaChecks, checks_fingerprint(checks));
  put(kMetaTargets, context.own_targets);
  if (context.options.compatible) {
    consul::StringMap meta = attributes(metadata, context.options.meta, own.size(), notes, true);
    meta.merge(own);
    return meta;
  }
  const std::size_t routing = may_route(context.container, context.targets) ? 3 : 0;
  consul::StringMap meta = attributes(metadata, context.options.meta, own.size() + routing, notes);
  const std::string name = base_name(context, metadata);
  add_routes({context.container, metadata, port, name, !context.group}, context.targets, meta, notes);
  meta.merge(own);
  return meta;
}

// One SERVICE_CHECK_ID for several ports: Consul has one check of that ID, and the last service would have it.
void tell_checks_apart(const std::string& service_id, const std::vector<consul::Registration>& earlier,
                       CheckChoice& choice) {
  const auto is_taken = [&](const std::string& id) {
    return std::any_of(earlier.begin(), earlier.end(), [&](const consul::Registration& service) {
      return std::any_of(service.checks.begin(), service.checks.end(),
                         [&](const consul::CheckDefinition& check) { return check.check_id == id; });
    });
  };
  for (consul::CheckDefinition& check : choice.checks) {
    if (check.check_id.empty() || !is_taken(check.check_id)) continue;
    std::string own = "service:" + service_id + ":" + check.check_id;
    choice.notes.push_back("check_id " + check.check_id + ": another port's check has it, this one is " + own);
    check.check_id = std::move(own);
  }
}

// Why a port is left out before its address matters; "" = it is not.
std::string left_out(const Context& context, const PortPlan& plan) {
  const AgentOptions& options = context.options;
  if (!is_usable(plan, options)) return "not published";
  if (is_on(plan.metadata.get("ignore"), options.compatible)) return "SERVICE_IGNORE";
  const bool listed = context.declared.listed;
  if (options.explicit_ports && !listed && plan.metadata.get_scoped("name").empty())
    return "no SERVICE_" + std::to_string(plan.candidate.port.number) + "_NAME and no SERVICE_PORTS, and " +
           "-explicit-ports asks for one";
  if (options.explicit_names && plan.metadata.get("name").empty()) return "no SERVICE_NAME, and -explicit asks for one";
  return {};
}

std::string service_name(const Context& context, const PortPlan& plan) {
  std::string name = base_name(context, plan.metadata);
  if (context.group && !plan.metadata.from_port.contains("name"))
    name += "-" + std::to_string(plan.candidate.port.number);
  return name;
}

void add_port(const Context& context, PortPlan& plan, ContainerServices& out) {
  const docker::Port port = plan.candidate.port;
  const AgentOptions& options = context.options;
  const auto reject = [&](std::string reason, bool expected) {
    out.rejects.push_back({port, std::move(reason), expected});
  };
  if (std::string reason = left_out(context, plan); !reason.empty()) return reject(std::move(reason), true);
  Endpoint endpoint =
      choose_endpoint(context.container, plan.candidate, options, context.facts, context.owner, plan.wish);
  if (!endpoint.refusal.empty()) return reject(endpoint.refusal, false);

  consul::Registration service;
  service.id = service_id(context, port, plan.metadata);
  const CheckTarget target{endpoint.address, endpoint.port, context.container.id,
                           port.number,      service.id,    context.facts.consul_version};
  CheckChoice choice = choose_checks(plan.metadata, target, options);
  if (!choice.refusal.empty()) return reject(choice.refusal, false);
  tell_checks_apart(service.id, out.services, choice);

  service.name = service_name(context, plan);
  service.tags = service_tags(context, port, plan.metadata);
  service.port = endpoint.port;
  service.address = endpoint.address;
  service.tagged_addresses = std::move(endpoint.tagged);
  service.enable_tag_override = !options.compatible && is_on(plan.metadata.get("enable_tag_override"), false);
  service.checks = std::move(choice.checks);
  service.meta = service_meta(context, port, plan.metadata, service.checks, choice.notes);
  if (!context.forced.problem.empty()) choice.notes.push_back("-tags: " + context.forced.problem);
  for (std::vector<std::string>* notes : {&plan.notes, &choice.notes})
    for (std::string& text : *notes) out.notes.push_back({port, std::move(text)});
  if (!options.kv_owner.empty()) {
    if (std::string problem = kv_problem(service); !problem.empty()) return reject(std::move(problem), false);
    service = kv_shape(service);
  }
  for (const consul::Registration& earlier : out.services)
    if (earlier.id == service.id)
      return reject(
          "its ID " + service.id + " is taken by port " + std::to_string(earlier.port) + " of the same container",
          false);
  out.services.push_back(std::move(service));
  out.ports.push_back(port);
  out.reasons.push_back(std::move(endpoint.reason));
}

// Why the whole container takes no part; "" = it does.
std::string no_part(const docker::Container& container, const AgentOptions& options, const NodeFacts& facts) {
  if (options.require_label && !has_label(container, *options.require_label))
    return "no label " + options.require_label->name;
  if (!facts.own_container.empty() && container.id == facts.own_container && !has_service_label(container))
    return "the agent's own container, and no SERVICE_ label";
  return {};
}

PortPlan plan_port(PortCandidate candidate, const docker::Container& container, const AgentOptions& options) {
  PortPlan plan;
  plan.metadata = metadata_for(container, candidate.port, options.compatible);
  if (!options.compatible) plan.wish = address_wish(plan.metadata, plan.notes);
  plan.candidate = std::move(candidate);
  return plan;
}

}  // namespace

ContainerServices services_of(const docker::Container& container, const AgentOptions& options, const NodeFacts& facts,
                              const docker::Container* owner, const ForcedTags* forced,
                              const std::vector<RouteTarget>* targets) {
  ContainerServices out;
  if (std::string reason = no_part(container, options, facts); !reason.empty()) {
    out.rejects.push_back({std::nullopt, std::move(reason), true});
    return out;
  }
  const DeclaredPorts declared = options.compatible ? DeclaredPorts{} : declared_ports(container);
  for (const std::string& item : declared.malformed)
    out.rejects.push_back({std::nullopt, "SERVICE_PORTS: no port: " + base::log_value(item), false});
  std::vector<PortPlan> plans;
  for (PortCandidate& candidate : port_candidates(container, declared))
    plans.push_back(plan_port(std::move(candidate), container, options));
  const auto usable =
      std::count_if(plans.begin(), plans.end(), [&](const PortPlan& plan) { return is_usable(plan, options); });
  const ForcedTags plain{options.tags, {}};
  std::vector<std::string> notes;
  const std::vector<RouteTarget> own =
      options.compatible ? std::vector<RouteTarget>{} : route_targets(container, notes);
  std::string own_text = targets_text(own, notes);
  const Context context{container,
                        options,
                        facts,
                        owner,
                        declared,
                        forced == nullptr ? plain : *forced,
                        targets == nullptr ? own : *targets,
                        std::move(own_text),
                        usable > 1};
  for (std::string& text : notes) out.notes.push_back({docker::Port{}, std::move(text)});
  for (PortPlan& plan : plans) add_port(context, plan, out);
  if (plans.empty()) out.rejects.push_back({std::nullopt, "no ports exposed or published", true});
  return out;
}

}  // namespace longshore::agent
