#include "renderer/explain.h"

#include <algorithm>
#include <cctype>

#include "common/json/json.h"
#include "renderer/core/history.h"

namespace longshore::render {
namespace {

constexpr std::size_t kMostInstances = 200;
// So many digits of a container ID can be no accident.
constexpr std::size_t kShortestContainer = 6;

std::string_view host_of(std::string_view address) {
  std::string_view host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

struct Question {
  std::vector<std::string> addresses;
  std::vector<std::string> words;

  explicit Question(const std::vector<net::QueryItem>& query) {
    for (const net::QueryItem& item : query) {
      if (item.key == "address") addresses.push_back(item.value);
      if (item.key == "word") words.push_back(item.value);
    }
  }
  bool names(std::string_view text) const { return std::ranges::find(words, text) != words.end(); }
  // One of the words stands in the text, and not as a part of a longer one.
  bool is_named_in(std::string_view text) const {
    const auto ends_word = [&](std::size_t at) {
      if (at >= text.size()) return true;
      const auto c = static_cast<unsigned char>(text[at]);
      return std::isalnum(c) == 0 && c != '-' && c != '_' && (c != '.' || at + 1 == text.size() || text[at + 1] == ' ');
    };
    return std::ranges::any_of(words, [&](const std::string& word) {
      if (word.empty()) return false;
      for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
        if ((at == 0 || ends_word(at - 1)) && ends_word(at + word.size())) return true;
      return false;
    });
  }
  bool names_address(std::string_view address) const {
    const auto same = [&](const std::string& asked) { return asked == address || asked == host_of(address); };
    return std::ranges::any_of(addresses, same) || std::ranges::any_of(words, same);
  }
  bool names_container(std::string_view container) const {
    return !container.empty() && std::ranges::any_of(words, [&](const std::string& word) {
      return word.size() >= kShortestContainer && (container.starts_with(word) || word.starts_with(container));
    });
  }
  bool names_instance(const Instance& instance) const {
    const consul::Service& service = instance.entry.service;
    const auto container = service.meta.find("longshore-container");
    return names_address(address_of(instance)) || names(service.id) || names(service.name) ||
           names(instance.entry.node.node) || (container != service.meta.end() && names_container(container->second));
  }
};

// How far what the group's files say has got with those who serve.
json::Value served_by(const apply::GroupMachine& group, base::TimePoint now) {
  json::Value out;
  out["group"] = group.spec().name;
  out["generation"] = group.generation();
  out["settled_generation"] = group.settled_generation();
  out["confirmed"] = group.spec().confirm;
  out["state"] = apply::to_string(group.state());
  if (group.applied_at()) out["applied_seconds_ago"] = base::to_seconds(now - *group.applied_at());
  if (!group.problem().empty()) out["problem"] = group.problem();
  return out;
}

json::Value users_of(const RenderMachine& machine, const Dependency& on, base::TimePoint now) {
  json::Value users = json::Value::array();
  for (const TemplateState& state : machine.templates()) {
    if (!state.used.contains(on)) continue;
    json::Value user;
    user["template"] = state.spec.label();
    user["destination"] = state.spec.destination;
    user["rendered"] = state.phase == TemplateState::Phase::rendered;
    user["changes_of_the_file"] = state.writes;
    if (state.written_at) user["changed_seconds_ago"] = base::to_seconds(now - *state.written_at);
    if (!state.problem.empty()) user["problem"] = state.problem;
    if (const auto found = machine.groups().find(state.spec.group); found != machine.groups().end())
      user["served"] = served_by(found->second, now);
    users.push_back(std::move(user));
  }
  return users;
}

// What probes of the load balancer say of it, where that is remarkable.
void add_probe(json::Value& item, const Traffic& traffic, const Instance& instance, base::TimePoint now) {
  constexpr const char* kStates[] = {"kept", "out", "waiting"};
  for (const ProbeMachine::View& view : traffic.probes().remarkable()) {
    const consul::Service& service = instance.entry.service;
    if (view.service != service.name || view.node != instance.entry.node.node || view.id != service.id) continue;
    item["probe"] = {{"state", kStates[static_cast<std::size_t>(view.verdict)]},
                     {"reason", view.reason},
                     {"seconds", base::to_seconds(now - view.since)},
                     {"fails", view.fails}};
    return;
  }
}

json::Value describe(const RenderMachine& machine, const Watcher& watcher, const Dependency& on,
                     const Instance& instance, base::TimePoint now) {
  const consul::Service& service = instance.entry.service;
  json::Value item;
  item["service"] = service.name;
  item["id"] = service.id;
  item["node"] = instance.entry.node.node;
  item["address"] = address_of(instance);
  item["health"] = to_string(instance.health);
  item["dependency"] = to_string(on);
  item["since_index"] = instance.since_index;
  for (const char* key : {"longshore-container", "longshore-image", "longshore-owner", "longshore-revision"})
    if (const auto found = service.meta.find(key); found != service.meta.end()) item[key + 10] = found->second;
  const Known* known = machine.snapshot().find(on);
  if (known != nullptr && known->stale_since) item["stale_seconds"] = base::to_seconds(now - *known->stale_since);
  const auto& entries = watcher.pool().entries();
  if (const auto entry = entries.find(on); entry != entries.end()) {
    item["index"] = entry->second.index;
    if (entry->second.answered_at) item["answer_age_seconds"] = base::to_seconds(now - *entry->second.answered_at);
  }
  const auto held = machine.hold().held().find({on, instance.entry.node.node, service.id});
  if (held != machine.hold().held().end()) {
    item["held_seconds"] = base::to_seconds(now - held->second.since);
    item["hold_ends_in_seconds"] = base::to_seconds(held->second.until - now);
  }
  if (machine.traffic().last_serving().kept(on, instance))
    item["stays"] = "until a new instance of its service answers";
  if (machine.guards().keeps(on, instance)) {
    const GuardBook::Entry& guard = machine.guards().entries().at(on);
    item["guard"] = {{"reason", guard.reason}, {"seconds", base::to_seconds(now - *guard.since)}};
    if (guard.rule.limit.count() > 0)
      item["guard"]["ends_in_seconds"] = base::to_seconds(*guard.since + guard.rule.limit - now);
  }
  if (machine.traffic().enabled()) add_probe(item, machine.traffic(), instance, now);
  item["used_by"] = users_of(machine, on, now);
  return item;
}

json::Value describe(const InstanceChange& change, base::TimePoint now) {
  json::Value item;
  item["seconds_ago"] = base::to_seconds(now - change.at);
  item["kind"] = to_string(change.kind);
  item["service"] = change.service;
  item["node"] = change.node;
  item["id"] = change.id;
  item["address"] = change.address;
  item["detail"] = change.detail;
  if (change.index != 0) item["index"] = change.index;
  return item;
}

}  // namespace

std::string why_json(const RenderMachine& machine, const Watcher& watcher, const std::vector<net::QueryItem>& query,
                     base::TimePoint now) {
  const Question question(query);
  json::Value out;
  out["version"] = 1;
  out["instances"] = json::Value::array();
  out["services"] = json::Value::array();
  std::size_t more = 0;
  for (const auto& [on, known] : machine.snapshot().entries()) {
    const auto* data = std::get_if<std::shared_ptr<const ServiceData>>(&known.data);
    if (data == nullptr) continue;
    // With probes templates see less than the registry says; the question may be about just that.
    const auto raw = machine.traffic().raw(on);
    const ServiceData& instances = raw ? *raw : **data;
    if (question.names(on.name)) {
      json::Value service;
      service["dependency"] = to_string(on);
      service["instances"] = instances.instances.size();
      service["used_by"] = users_of(machine, on, now);
      out["services"].push_back(std::move(service));
    }
    for (const InstancePtr& instance : instances.instances) {
      if (!question.names_instance(*instance)) continue;
      if (out["instances"].size() == kMostInstances)
        ++more;
      else
        out["instances"].push_back(describe(machine, watcher, on, *instance, now));
    }
  }
  if (more != 0) out["more"] = more;
  out["changes"] = json::Value::array();
  for (const InstanceChange& change : machine.history().entries())
    if (question.names(change.service) || question.names(change.id) || question.names(change.node) ||
        question.names_address(change.address))
      out["changes"].push_back(describe(change, now));
  out["remarks"] = json::Value::array();
  for (const TemplateState& state : machine.templates())
    for (const std::string& text : state.remarks.texts())
      if (question.is_named_in(text)) out["remarks"].push_back({{"template", state.spec.label()}, {"remark", text}});
  out["templates"] = json::Value::array();
  for (const TemplateState& state : machine.templates()) {
    json::Value item;
    item["template"] = state.spec.label();
    item["destination"] = state.spec.destination;
    if (!state.problem.empty()) item["problem"] = state.problem;
    if (state.guard_since) {
      item["guard_absent"] = json::Value::array();
      for (const Dependency& on : state.guard_lacks) item["guard_absent"].push_back(to_string(on));
    }
    out["templates"].push_back(std::move(item));
  }
  return json::dump(out);
}

}  // namespace longshore::render
