// explode explodeMap: flat keys with slashes to nested maps.
#include <map>
#include <variant>

#include "common/tmpl/format.h"
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::size_t kMaxParts = 512;  // Consul's keys are shorter; data that deep is not data

struct Branch {
  // A leaf, or a map that is still being filled.
  std::map<std::string, std::variant<Value, std::unique_ptr<Branch>>, std::less<>> children;
};

Value to_value(const Branch& branch) {
  std::vector<std::pair<std::string, Value>> entries;
  for (const auto& [key, child] : branch.children) {
    const auto* inner = std::get_if<std::unique_ptr<Branch>>(&child);
    entries.emplace_back(key, inner != nullptr ? to_value(**inner) : std::get<Value>(child));
  }
  return any_map(std::move(entries));
}

std::unique_ptr<Branch> to_branch(const Value& map) {
  auto branch = std::make_unique<Branch>();
  for (const auto& [key, element] : map.entries()) branch->children[text_of(key)] = element.unbox();
  return branch;
}

// %q, whatever it is.
std::string quoted(const Value& value) {
  BoundedText out(1 << 16);
  printf(out, "%q", {&value, 1});
  return out.text;
}

Status insert(Branch& root, std::string_view key, const Value& value) {
  Branch* branch = &root;
  std::string_view parent = key;
  std::size_t parts = 0;
  for (std::size_t slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/')) {
    if (++parts > kMaxParts) return fail(Errc::limit, "key has too many parts: " + quote(key.substr(0, 64)));
    const std::string top(key.substr(0, slash));
    auto [child, is_new] = branch->children.try_emplace(top, nullptr);
    if (is_new) child->second = std::make_unique<Branch>();
    if (const auto* leaf = std::get_if<Value>(&child->second)) {
      if (leaf->kind() != Kind::map || !same_type(leaf->type(), types::kMapOfAny))
        return fail(Errc::template_error,
                    "not a map: " + quote(parent) + ": " + quote(top) + " already has value " + quoted(*leaf));
      child->second = to_branch(*leaf);
    }
    branch = std::get<std::unique_ptr<Branch>>(child->second).get();
    parent = key;
    key.remove_prefix(slash + 1);
  }
  if (!key.empty()) branch->children.insert_or_assign(std::string(key), value);
  return {};
}

Result<Value> finished(const Call& call, const Branch& root, const Status& status) {
  if (!status) return base::fail(status.error().with(call.name()));
  return to_value(root);
}

Result<Value> explode(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[0].size()));
  Branch root;
  Status status;
  for (std::size_t i = 0; i < args[0].size() && status; ++i) {
    const Value pair = args[0].at(i);
    const Value key = pair.field("Key").value_or(make_string(""));
    status = insert(root, key.as_string(), pair.field("Value").value_or(make_string("")));
  }
  return finished(call, root, status);
}

Result<Value> explode_map(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(args[0].size()));
  Branch root;
  Status status;
  for (const auto& [key, element] : args[0].entries()) {
    status = insert(root, key.as_string(), element.unbox());
    if (!status) break;
  }
  return finished(call, root, status);
}

constexpr Type kPair{.kind = Kind::record, .name = "*dependency.KeyPair", .pointer = true};
constexpr Type kPairs = types::list_of("[]*dependency.KeyPair", kPair);

}  // namespace

void add_explode_helpers(FunctionTable& table) {
  table.add("explode", {&kPairs}, explode);
  table.add("explodeMap", {&types::kMapOfAny}, explode_map);
}

}  // namespace longshore::tmpl
