#include "common/tmpl/sprig/dict_value.h"

#include <algorithm>

namespace longshore::tmpl::sprig {

// Owns every dict of the evaluation, so that emptying one never destroys another one in the middle.
class DictArena {
 public:
  DictArena() = default;
  DictArena(const DictArena&) = delete;
  DictArena& operator=(const DictArena&) = delete;
  ~DictArena() {
    for (const auto& dict : dicts) dict->entries_.clear();
  }
  std::vector<std::shared_ptr<Dict>> dicts;
};

namespace {

const Dict& dict_at(const void* map) {
  return *static_cast<const Dict*>(map);
}

const MapOps kDictOps{[](const void* map) { return dict_at(map).size(); },
                      [](const void* map, const Value& key, const Owner&) -> std::optional<Value> {
                        if (!key.is_string()) return std::nullopt;
                        const Value* found = dict_at(map).find(key.as_string());
                        if (found == nullptr) return std::nullopt;
                        return *found;
                      },
                      [](const void* map, const Owner&, std::vector<MapEntry>& out) {
                        for (const auto& [key, element] : dict_at(map).entries())
                          out.emplace_back(Value::string(key), element);
                      }};

const Type& dict_type() {
  static const Type type{.kind = Kind::map,
                         .name = types::kMapOfAny.name,
                         .elem = &types::kAny,
                         .key = &types::kString,
                         .plain = &types::kMapOfAny,
                         .map = &kDictOps};
  return type;
}

auto position_of(auto& entries, std::string_view key) {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
}

// Calls `use` for every dict inside the value that is not inside another dict; gives the depth above them and counts
// the values looked at.
template <class Use>
std::size_t for_each_dict(const Value& value, std::uint64_t& seen, const Use& use) {
  ++seen;
  if (Dict* dict = as_dict(value)) {
    use(*dict);
    return 0;
  }
  if (value.depth() == 0) return 0;
  std::size_t deepest = 0;
  if (value.kind() == Kind::list) {
    for (std::size_t i = 0; i < value.size(); ++i) deepest = std::max(deepest, for_each_dict(value.at(i), seen, use));
  } else if (value.kind() == Kind::map) {
    for (const auto& entry : value.entries()) deepest = std::max(deepest, for_each_dict(entry.second, seen, use));
  }
  return deepest + 1;
}

}  // namespace

Dict& new_dict(Call& call) {
  auto dict = std::make_shared<Dict>();
  dict->self_ = dict;
  auto& dicts = call.local<DictArena>().dicts;
  dicts.push_back(std::move(dict));
  return *dicts.back();
}

Dict* as_dict(const Value& map) {
  if (map.kind() != Kind::map || map.type().map != &kDictOps || map.object() == nullptr) return nullptr;
  return const_cast<Dict*>(static_cast<const Dict*>(map.object()));
}

Result<Dict*> dict_or_copy(Call& call, const Value& map) {
  if (Dict* dict = as_dict(map)) return dict;
  LS_TRY_STATUS(call.charge(1 + map.size()));
  Dict& copy = new_dict(call);
  for (const auto& [key, element] : map.entries()) LS_TRY_STATUS(copy.set(call, key.as_string(), element));
  return &copy;
}

Value Dict::value() const {
  return Value::view(dict_type(), std::shared_ptr<const void>(self_.lock()));
}

const Value* Dict::find(std::string_view key) const {
  const auto found = position_of(entries_, key);
  return found == entries_.end() || found->first != key ? nullptr : &found->second;
}

Status Dict::set(Call& call, std::string_view key, const Value& element) {
  Value held = element.valid() ? element.unbox() : Value::nil();
  std::size_t inner = 0;
  std::vector<Dict*> added;
  std::uint64_t seen = entries_.size() / 64;
  const std::size_t above = for_each_dict(held, seen, [&](Dict& dict) {
    inner = std::max(inner, dict.height_);
    added.push_back(&dict);
    dict.holders_.push_back(this);
  });
  if (const Status raised = raise(inner + above + 1, seen); !raised) {
    for (Dict* dict : added) dict->holders_.pop_back();
    return raised;
  }
  const auto found = position_of(entries_, key);
  if (found != entries_.end() && found->first == key) {
    seen += detach(found->second);
    found->second = std::move(held);
  } else {
    entries_.emplace(found, std::string(key), std::move(held));
  }
  return call.charge(seen);
}

Status Dict::erase(Call& call, std::string_view key) {
  const auto found = position_of(entries_, key);
  if (found == entries_.end() || found->first != key) return {};
  const std::uint64_t seen = detach(found->second) + entries_.size() / 64;
  entries_.erase(found);
  return call.charge(seen);
}

std::uint64_t Dict::detach(const Value& element) {
  std::uint64_t seen = 0;
  for_each_dict(element, seen, [this](Dict& dict) {
    if (const auto held = std::ranges::find(dict.holders_, this); held != dict.holders_.end())
      dict.holders_.erase(held);
  });
  return seen;
}

// Whoever holds this dict is at least one higher. A dict inside itself would rise for ever: the bound finds it.
Status Dict::raise(std::size_t height, std::uint64_t& seen) {
  std::vector<std::pair<Dict*, std::size_t>> open{{this, height}};
  while (!open.empty()) {
    const auto [dict, wanted] = open.back();
    open.pop_back();
    ++seen;
    if (dict->height_ >= wanted) continue;
    if (wanted > kMaxDictDepth)
      return base::fail(Errc::limit, "dict nested more than " + std::to_string(kMaxDictDepth) + " deep, or in itself");
    dict->height_ = wanted;
    for (Dict* holder : dict->holders_) open.emplace_back(holder, wanted + 1);
  }
  return {};
}

}  // namespace longshore::tmpl::sprig
