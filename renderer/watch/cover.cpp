#include "renderer/watch/cover.h"

#include <algorithm>

namespace longshore::render {

NodeNews take_marks(NodeCover& node, const consul::NodeMarks& fresh) {
  using consul::ServiceMark;
  NodeNews news;
  const bool node_changed = node.marked && fresh.node_index != node.node_index;
  // Consul lists them by ID; what does not is put in order.
  std::vector<ServiceMark> sorted;
  const bool in_order = std::ranges::is_sorted(fresh.services, {}, &ServiceMark::id);
  if (!in_order) {
    sorted = fresh.services;
    std::ranges::stable_sort(sorted, {}, &ServiceMark::id);
  }
  const std::vector<ServiceMark>& now = in_order ? fresh.services : sorted;
  std::vector<ServiceMark>& known = node.marks;
  bool same_ids = known.size() == now.size();
  auto old = known.begin();
  for (const ServiceMark& mark : now) {
    for (; old != known.end() && old->id < mark.id; ++old) {
      news.changed.push_back({old->name, 0});
      same_ids = false;
    }
    const bool listed = old != known.end() && old->id == mark.id;
    same_ids = same_ids && listed;
    // A changed node changes what is known of all its instances; the younger of both indexes is that of the service.
    if (!listed || *old != mark || node_changed)
      news.changed.push_back({mark.name, std::max(mark.modify_index, node_changed ? fresh.node_index : 0)});
    if (!listed) continue;
    if (old->name != mark.name) news.changed.push_back({old->name, 0});
    ++old;
  }
  for (; old != known.end(); ++old) news.changed.push_back({old->name, 0});
  if (!same_ids)
    known = now;
  else
    // Hardly any is new: what is equal need not be copied.
    for (std::size_t i = 0; i < now.size(); ++i)
      if (known[i] != now[i] || known[i].text_print != now[i].text_print) known[i] = now[i];
  node.node_index = fresh.node_index;
  node.marked = true;
  return news;
}

CheckNews take_checks(std::set<consul::CheckMark, bool (*)(const consul::CheckMark&, const consul::CheckMark&)>& known,
                      const std::vector<consul::CheckMark>& marks) {
  CheckNews news;
  const auto tell = [&](const consul::CheckMark& mark) {
    if (mark.service_name.empty())
      news.nodes.insert(mark.node);
    else
      news.services.insert(mark.service_name);
  };
  auto before = std::exchange(known, std::remove_reference_t<decltype(known)>(Cover::before));
  for (const consul::CheckMark& mark : marks) {
    if (before.erase(mark) == 0) tell(mark);
    known.insert(mark);
  }
  for (const consul::CheckMark& left : before) tell(left);
  return news;
}

}  // namespace longshore::render
