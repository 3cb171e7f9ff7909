// A Go map[string]interface {} that can change. Values of the engine never change, but `sprig_set`, `sprig_unset` and
// the merge functions change a map for everybody who holds it, and templates rely on that:
//
//   {{ $d := sprig_dict }}{{ $_ := sprig_set $d "a" 1 }}{{ $d.a }}
//
// Dicts of one evaluation are known to an arena of that evaluation. It bounds how deep they nest (printing and
// destruction recurse), refuses a dict inside itself, and empties them all at the end.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/tmpl/eval.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::sprig {

inline constexpr std::size_t kMaxDictDepth = 500;

class Dict;

// A new empty dict; it lives as long as the evaluation.
Dict& new_dict(Call& call);
// The dict behind a value; nullptr if the map is one that cannot change.
Dict* as_dict(const Value& map);
// The dict behind a value, or a dict with the same entries: of a map that cannot change the copy changes only for those
// who get it from the function's result.
Result<Dict*> dict_or_copy(Call& call, const Value& map);

// A copy whose maps are dicts, all the way down; the rest is shared, as nobody can tell.
Result<Value> deep_copy(Call& call, const Value& value);

class Dict {
 public:
  Value value() const;  // a map[string]interface {}
  std::size_t size() const { return entries_.size(); }
  const Value* find(std::string_view key) const;
  const std::vector<std::pair<std::string, Value>>& entries() const { return entries_; }  // sorted by key
  // limit error if the element contains this dict, or nests too deep. Both charge for what they look through.
  Status set(Call& call, std::string_view key, const Value& element);
  Status erase(Call& call, std::string_view key);

 private:
  friend Dict& new_dict(Call& call);
  friend class DictArena;
  // Gives the number of values looked at.
  std::uint64_t detach(const Value& element);
  Status raise(std::size_t height, std::uint64_t& seen);

  std::weak_ptr<Dict> self_;
  std::vector<std::pair<std::string, Value>> entries_;
  std::size_t height_ = 1;      // at least as deep as what is inside
  std::vector<Dict*> holders_;  // dicts that hold this one; one entry per place
};

}  // namespace longshore::tmpl::sprig
