#include "renderer/core/colors.h"

#include <algorithm>
#include <numeric>

#include "common/base/text.h"

namespace longshore::render {
namespace {

// "green=10"
void read_canary(std::string_view text, Colors& out) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return;
  const auto percent = base::parse_uint(base::trim(text.substr(equals + 1)));
  const std::string_view color = base::trim(text.substr(0, equals));
  if (!percent || *percent == 0 || *percent > 99 || color.empty()) return;
  out.canary = color;
  out.percent = static_cast<int>(*percent);
}

std::string color_by_marks(const consul::Service& service, const Colors& colors) {
  const auto meta = service.meta.find("color");
  if (meta != service.meta.end() && !meta->second.empty()) return meta->second;
  for (const std::string& tag : service.tags)
    if (colors.is_color(tag)) return tag;
  return {};
}

std::string color_of(const consul::Service& service, std::string_view family, const Colors& colors) {
  if (service.name.size() > family.size() && service.name.starts_with(family) && service.name[family.size()] == '-')
    return service.name.substr(family.size() + 1);
  return color_by_marks(service, colors);
}

}  // namespace

int Colors::share_of(std::string_view color) const {
  if (color.empty()) return 0;
  const bool split = !canary.empty() && canary != active;
  if (color == active) return split ? 100 - percent : 100;
  return split && color == canary ? percent : 0;
}

bool Colors::is_color(std::string_view word) const {
  return !word.empty() && (word == active || word == canary || word == "blue" || word == "green");
}

ColorTable::ColorTable(const TreeData& records) {
  for (const KeyPair& one : records.pairs) {
    const std::string_view path = std::string_view(one.pair.key).substr(one.key_from);
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos || slash == 0) continue;
    const std::string_view what = path.substr(slash + 1);
    const std::string_view value = base::trim(one.pair.value);
    if (what == "color" && !value.empty()) by_service_[std::string(path.substr(0, slash))].active = value;
    if (what == "canary") read_canary(value, by_service_[std::string(path.substr(0, slash))]);
  }
  std::erase_if(by_service_, [](const auto& entry) { return entry.second.active.empty(); });
}

const Colors* ColorTable::of(std::string_view service) const {
  const auto found = by_service_.find(service);
  return found == by_service_.end() ? nullptr : &found->second;
}

std::string ColorTable::family(std::string_view name) const {
  if (by_service_.empty() || of(name) != nullptr) return std::string(name);
  for (std::size_t dash = name.rfind('-'); dash != std::string_view::npos && dash != 0;
       dash = name.rfind('-', dash - 1)) {
    const Colors* colors = of(name.substr(0, dash));
    if (colors != nullptr && colors->is_color(name.substr(dash + 1))) return std::string(name.substr(0, dash));
  }
  return std::string(name);
}

std::vector<Member> members_of(const std::vector<std::shared_ptr<const ServiceData>>& lists, std::string_view service,
                               const Colors* colors) {
  std::vector<Member> out;
  int active = 0, canary = 0;  // that pass
  for (const std::shared_ptr<const ServiceData>& list : lists)
    for (const InstancePtr& instance : list->instances) {
      Member one{instance, {}, 100, 1};
      if (colors != nullptr) {
        one.color = color_of(instance->entry.service, service, *colors);
        one.share = colors->share_of(one.color);
        if (one.share != 0 && instance->health == Health::passing) ++(one.color == colors->active ? active : canary);
      }
      out.push_back(std::move(one));
    }
  if (colors == nullptr || active == 0 || canary == 0) return out;
  const int of_active = (100 - colors->percent) * canary;
  const int of_canary = colors->percent * active;
  const int common = std::gcd(of_active, of_canary);
  for (Member& one : out)
    if (one.share != 0) one.weight = (one.color == colors->active ? of_active : of_canary) / common;
  return out;
}

}  // namespace longshore::render
