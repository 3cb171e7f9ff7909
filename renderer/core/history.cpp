#include "renderer/core/history.h"

#include <map>
#include <span>
#include <tuple>
#include <utility>

namespace longshore::render {
namespace {

using Key = std::pair<std::string_view, std::string_view>;

Key key_of(const Instance& instance) {
  return {instance.entry.node.node, instance.entry.service.id};
}

InstanceChange describe(InstanceChange::Kind kind, const Instance& instance, std::string detail, std::uint64_t index,
                        base::TimePoint now) {
  return {kind,
          now,
          index,
          instance.entry.service.name,
          instance.entry.node.node,
          instance.entry.service.id,
          address_of(instance),
          std::move(detail)};
}

std::string word(Health health) {
  const std::string_view text = to_string(health);
  return text.empty() ? "unknown" : std::string(text);
}

}  // namespace

std::string_view to_string(InstanceChange::Kind kind) {
  switch (kind) {
    case InstanceChange::Kind::appeared:
      return "appeared";
    case InstanceChange::Kind::health:
      return "health";
    case InstanceChange::Kind::changed:
      return "changed";
    case InstanceChange::Kind::left:
      return "left";
  }
  return "";
}

std::string address_of(const Instance& instance) {
  const consul::Service& service = instance.entry.service;
  const std::string& host = service.address.empty() ? instance.entry.node.address : service.address;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(service.port);
}

void History::compare(const ServiceData& before, const ServiceData& after, std::uint64_t index, base::TimePoint now) {
  // Untouched instances keep their object: what is the same at both ends needs no look.
  std::span<const InstancePtr> olds(before.instances);
  std::span<const InstancePtr> news(after.instances);
  while (!olds.empty() && !news.empty() && olds.front() == news.front()) {
    olds = olds.subspan(1);
    news = news.subspan(1);
  }
  while (!olds.empty() && !news.empty() && olds.back() == news.back()) {
    olds = olds.first(olds.size() - 1);
    news = news.first(news.size() - 1);
  }
  std::map<Key, InstancePtr> gone;
  for (const InstancePtr& instance : olds) gone.emplace(key_of(*instance), instance);
  for (const InstancePtr& instance : news) {
    const auto found = gone.find(key_of(*instance));
    if (found == gone.end()) {
      add(describe(InstanceChange::Kind::appeared, *instance, word(instance->health), index, now));
      continue;
    }
    const Instance& old = *found->second;
    if (old.health != instance->health)
      add(describe(InstanceChange::Kind::health, *instance, word(old.health) + " -> " + word(instance->health), index,
                   now));
    else if (address_of(old) != address_of(*instance))
      add(describe(InstanceChange::Kind::changed, *instance, "was " + address_of(old), index, now));
    else if (found->second != instance && !(old == *instance))
      add(describe(InstanceChange::Kind::changed, *instance, "tags, Meta, weights or checks", index, now));
    gone.erase(found);
  }
  for (const auto& [key, instance] : gone)
    left(*instance, "it is not in Consul's answer any more and was " + word(instance->health), index, now);
}

void History::left(const Instance& instance, std::string why, std::uint64_t index, base::TimePoint now) {
  add(describe(InstanceChange::Kind::left, instance, std::move(why), index, now));
}

void History::add(InstanceChange change) {
  if (entries_.size() == kMost) entries_.pop_front();
  entries_.push_back(std::move(change));
}

}  // namespace longshore::render
