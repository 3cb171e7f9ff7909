#include "renderer/watch/cover.h"

#include <algorithm>

namespace longshore::render {

NodeNews take_marks(NodeCover& node, const consul::NodeMarks& fresh) {
  NodeNews news;
  const bool node_changed = node.marked && fresh.node_index != node.node_index;
  std::map<std::string, std::pair<std::string, std::uint64_t>> marks;
  for (const consul::ServiceMark& mark : fresh.services) {
    const auto old = node.marks.find(mark.id);
    const bool same = old != node.marks.end() && old->second == std::pair(mark.name, mark.modify_index);
    // A changed node changes what is known of all its instances; the younger of both indexes is that of the service.
    if (!same || node_changed)
      news.changed.push_back({mark.name, std::max(mark.modify_index, node_changed ? fresh.node_index : 0)});
    if (old != node.marks.end() && old->second.first != mark.name) news.changed.push_back({old->second.first, 0});
    marks.emplace(mark.id, std::pair(mark.name, mark.modify_index));
  }
  for (const auto& [id, old] : node.marks)
    if (!marks.contains(id)) news.changed.push_back({old.first, 0});
  node.marks = std::move(marks);
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
