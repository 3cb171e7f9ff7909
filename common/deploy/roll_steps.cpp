#include "common/deploy/roll_steps.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/deploy/container_spec.h"

namespace longshore::deploy {
namespace {

using Counts = std::map<std::string, std::size_t>;

Counts counts_of(const std::vector<Box>& boxes) {
  Counts out;
  for (const Box& box : boxes) ++out[box.host];
  return out;
}

std::string emptiest(const std::vector<std::string>& hosts, Counts& counts) {
  const auto best = std::ranges::min_element(hosts, {}, [&](const std::string& host) { return counts[host]; });
  ++counts[*best];
  return *best;
}

std::vector<std::string> ids_of(const std::vector<Box>& boxes) {
  std::vector<std::string> out;
  for (const Box& box : boxes) out.push_back(box.id);
  return out;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::ranges::find(list, item) != list.end();
}

// Those of the colour that serves, running and not, in an order that people expect.
struct Boxes {
  std::vector<Box> running;
  std::vector<Box> ended;
};
Boxes serving_boxes(const input::World& world) {
  Boxes out;
  for (const Box& box : world.boxes)
    if (box.color == world.color) (box.running ? out.running : out.ended).push_back(box);
  const auto by_name = [](const Box& one, const Box& other) {
    return std::tuple(one.name.size(), one.name, one.host) < std::tuple(other.name.size(), other.name, other.host);
  };
  std::ranges::sort(out.running, by_name);
  std::ranges::sort(out.ended, by_name);
  return out;
}

bool is_broken_off(const LastRun& last) {
  return last.strategy == "rolling" && !last.run.empty() && last.stage != "done" && last.stage != "undone" &&
         last.stage != "scaling";
}

RollSteps replacement(const RollPlan& plan, const input::World& world, Boxes boxes) {
  RollSteps out;
  out.continued = is_broken_off(world.last) && world.last.spec == plan.spec;
  out.run = out.continued ? world.last.run : plan.run;
  for (Box& box : boxes.running) (box.run == out.run ? out.fresh : out.removals).push_back(std::move(box));
  std::vector<std::string> rest;
  for (Box& box : boxes.ended) {
    if (contains(world.last.rest, box.id))
      rest.push_back(box.id);
    else if (out.continued && contains(world.last.old, box.id))
      out.gone.push_back(std::move(box));
    else if (box.ours)
      out.leftovers.push_back(std::move(box));
  }
  out.old = out.continued ? world.last.old : joined(ids_of(out.removals), rest);
  if (plan.instances > 0)
    out.wanted = static_cast<std::size_t>(plan.instances);
  else if (out.continued && world.last.instances > 0)
    out.wanted = static_cast<std::size_t>(world.last.instances);
  else
    out.wanted = std::max<std::size_t>(1, out.removals.size() + out.fresh.size());
  Counts counts = counts_of(out.fresh);
  for (const Box& box : out.removals) {
    if (out.fresh.size() + out.additions.size() >= out.wanted) break;
    if (!contains(plan.hosts, box.host)) continue;
    ++counts[box.host];
    out.additions.push_back({box.host});
  }
  while (out.fresh.size() + out.additions.size() < out.wanted) out.additions.push_back({emptiest(plan.hosts, counts)});
  // A smaller number than an earlier run has made already.
  while (out.fresh.size() > out.wanted) {
    out.removals.push_back(out.fresh.back());
    out.fresh.pop_back();
  }
  return out;
}

Result<RollSteps> way_back(const RollPlan& plan, const input::World& world, Boxes boxes) {
  RollSteps out;
  out.run = plan.run;
  for (const std::vector<Box>* list : {&boxes.ended, &boxes.running})
    for (const Box& box : *list)
      if (contains(world.last.old, box.id)) out.additions.push_back({box.host, box});
  if (world.last.strategy != "rolling" || out.additions.empty())
    return fail(Errc::invalid_input, "there is no container that a rolling change has replaced, to go back to");
  for (Box& box : boxes.running)
    if (!contains(world.last.old, box.id)) out.removals.push_back(std::move(box));
  std::vector<std::string> rest;
  for (const Box& box : boxes.ended)
    if (contains(world.last.rest, box.id)) rest.push_back(box.id);
  out.old = joined(ids_of(out.removals), rest);
  out.wanted = out.additions.size();
  return out;
}

Result<RollSteps> scaling(const RollPlan& plan, const input::World& world, Boxes boxes) {
  RollSteps out;
  if (is_broken_off(world.last))
    return fail(Errc::invalid_input, "a rolling change was broken off in the middle; continue it, or -rollback");
  out.run = plan.run;
  out.wanted = static_cast<std::size_t>(plan.instances);
  if (boxes.running.empty() && boxes.ended.empty() && out.wanted > 0)
    return fail(Errc::invalid_input, "there is no container to make others after; `longshore deploy` makes the first");
  Counts counts = counts_of(boxes.running);
  std::vector<Box> rest = std::move(boxes.ended);
  std::erase_if(rest, [&](const Box& box) { return !contains(world.last.rest, box.id); });
  for (std::size_t number = boxes.running.size(); number < out.wanted; ++number) {
    if (rest.empty()) {
      out.additions.push_back({emptiest(plan.hosts, counts)});
      continue;
    }
    const auto next = std::ranges::min_element(rest, {}, [&](const Box& box) { return counts[box.host]; });
    ++counts[next->host];
    out.additions.push_back({next->host, *next});
    rest.erase(next);
  }
  std::vector<Box>& left = boxes.running;
  while (left.size() > out.wanted) {
    // The last of those on the fullest engine.
    auto chosen = left.begin();
    for (auto at = left.begin(); at != left.end(); ++at)
      if (counts[at->host] >= counts[chosen->host]) chosen = at;
    --counts[chosen->host];
    out.removals.push_back(*chosen);
    left.erase(chosen);
  }
  out.old = ids_of(out.removals);
  out.rest = ids_of(rest);
  if (out.wanted == 0) out.rest = joined(std::move(out.rest), out.old);
  return out;
}

}  // namespace

std::vector<std::string> joined(std::vector<std::string> list, const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (!contains(list, one)) list.push_back(one);
  return list;
}

Result<RollSteps> steps_for(const RollPlan& plan, const input::World& world) {
  Boxes boxes = serving_boxes(world);
  switch (plan.kind) {
    case RollPlan::Kind::back:
      return way_back(plan, world, std::move(boxes));
    case RollPlan::Kind::scale:
      return scaling(plan, world, std::move(boxes));
    case RollPlan::Kind::replace:
      break;
  }
  return replacement(plan, world, std::move(boxes));
}

int free_number(const std::string& service, const std::string& color, const std::set<std::string>& names) {
  int number = 1;
  while (names.contains(service_name(service, color) + "-" + std::to_string(number))) ++number;
  return number;
}

}  // namespace longshore::deploy
