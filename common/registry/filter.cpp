#include "common/registry/filter.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "common/registry/filter_parser.h"
#include "common/registry/filter_schema.h"

namespace longshore::registry {

using Op = FilterMatch::Op;
using Tree = FilterTree::Kind;

// A tree whose selectors are checked and whose values have the type of their field.
struct Filter::Node {
  FilterTree::Kind kind = FilterTree::Kind::match;
  FilterMatch match;
  FilterField::Kind field = FilterField::Kind::text;
  std::optional<std::int64_t> integer;
  std::optional<bool> boolean;
  std::shared_ptr<const re2::RE2> pattern;
  std::vector<Node> children;
};

namespace {

using FieldKind = FilterField::Kind;
using json::Value;

std::string_view go_name(Op op) {
  switch (op) {
    case Op::equal:
      return "Equal";
    case Op::not_equal:
      return "NotEqual";
    case Op::in:
      return "In";
    case Op::not_in:
      return "NotIn";
    case Op::matches:
      return "Matches";
    case Op::not_matches:
      return "NotMatches";
    case Op::is_empty:
      return "Is Empty";
    case Op::is_not_empty:
      break;
  }
  return "Is Not Empty";
}

bool allowed(FieldKind kind, Op op) {
  const bool compares = op == Op::equal || op == Op::not_equal;
  const bool searches = op == Op::in || op == Op::not_in;
  const bool counts = op == Op::is_empty || op == Op::is_not_empty;
  switch (kind) {
    case FieldKind::text:
      return !counts;
    case FieldKind::integer:
    case FieldKind::boolean:
      return compares;
    case FieldKind::text_list:
    case FieldKind::text_map:
    case FieldKind::object_map:
      return searches || counts;
    case FieldKind::object_list:
      return counts;
    case FieldKind::object:
      break;
  }
  return false;
}

Result<FieldKind> kind_of(const std::vector<std::string>& selector, std::span<const FilterField> fields) {
  FieldKind kind = FieldKind::object;
  for (std::size_t i = 0; i < selector.size(); ++i) {
    const std::vector<std::string> so_far(selector.begin(), selector.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    const auto invalid = fail(Errc::rejected, "Selector \"" + selector_text(so_far) + "\" is not valid");
    if (kind == FieldKind::text_map) {
      kind = FieldKind::text;
      fields = {};
      continue;
    }
    if (kind == FieldKind::object_map) {
      kind = FieldKind::object;
      continue;
    }
    const auto found =
        std::find_if(fields.begin(), fields.end(), [&](const FilterField& f) { return f.name == selector[i]; });
    if (found == fields.end()) return invalid;
    kind = found->kind;
    fields = found->children;
  }
  return kind;
}

Status take_value(Filter::Node& node) {
  const std::string& value = node.match.value;
  const auto coerce = [&](const char* parser) {
    return fail(Errc::rejected, "Failed to coerce value \"" + value + "\" for selector \"" +
                                    selector_text(node.match.selector) + "\": strconv." + parser + ": parsing \"" +
                                    value + "\": invalid syntax");
  };
  if (node.field == FieldKind::integer) {
    node.integer = base::parse_int(value);
    if (!node.integer) return coerce("ParseInt");
  } else if (node.field == FieldKind::boolean) {
    if (value == "true" || value == "True" || value == "TRUE" || value == "t" || value == "T" || value == "1")
      node.boolean = true;
    else if (value == "false" || value == "False" || value == "FALSE" || value == "f" || value == "F" || value == "0")
      node.boolean = false;
    else
      return coerce("ParseBool");
  } else if (node.match.op == Op::matches || node.match.op == Op::not_matches) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<const re2::RE2>(value, options);
    if (!pattern->ok())
      return fail(Errc::rejected,
                  "Failed to compile regular expression \"" + value + "\": error parsing regexp: " + pattern->error());
    node.pattern = std::move(pattern);
  }
  return {};
}

// Not inlined: its frame is large, and compile_into() nests.
[[gnu::noinline]] Status compile_match(Filter::Node& node, FilterTree& tree, std::span<const FilterField> fields) {
  LS_TRY(kind, kind_of(tree.match.selector, fields));
  if (!allowed(kind, tree.match.op))
    return fail(Errc::rejected, "Invalid match operator \"" + std::string(go_name(tree.match.op)) +
                                    "\" for selector \"" + selector_text(tree.match.selector) + "\"");
  node.field = kind;
  node.match = std::move(tree.match);
  return take_value(node);
}

Result<Filter::Node> compile(FilterTree& tree, std::span<const FilterField> fields) {
  Filter::Node node;
  node.kind = tree.kind;
  if (tree.kind == Tree::match) LS_TRY_STATUS(compile_match(node, tree, fields));
  for (FilterTree& child : tree.children) {
    LS_TRY(compiled, compile(child, fields));
    node.children.push_back(std::move(compiled));
  }
  return node;
}

// What an absent map key gives. Source: go-bexpr of Consul 1.8, odd as `matches` looks.
bool on_absent(Op op) {
  return op != Op::equal && op != Op::in && op != Op::is_not_empty;
}

bool has(const Value& container, const std::string& value) {
  if (container.is_object()) return container.contains(value);
  if (container.is_string()) return container.get_ref<const std::string&>().find(value) != std::string::npos;
  return std::any_of(container.begin(), container.end(), [&](const Value& item) {
    return item.is_string() && item.get_ref<const std::string&>() == value;
  });
}

bool equals(const Filter::Node& node, const Value& found) {
  if (node.integer) return found.is_number_integer() && found.get<std::int64_t>() == *node.integer;
  if (node.boolean) return found.is_boolean() && found.get<bool>() == *node.boolean;
  return found.is_string() && found.get_ref<const std::string&>() == node.match.value;
}

bool compare(const Filter::Node& node, const Value& found) {
  switch (node.match.op) {
    case Op::equal:
      return equals(node, found);
    case Op::not_equal:
      return !equals(node, found);
    case Op::in:
      return has(found, node.match.value);
    case Op::not_in:
      return !has(found, node.match.value);
    case Op::matches:
    case Op::not_matches: {
      const bool hit = found.is_string() && re2::RE2::PartialMatch(found.get_ref<const std::string&>(), *node.pattern);
      return hit == (node.match.op == Op::matches);
    }
    case Op::is_empty:
      return found.empty();
    case Op::is_not_empty:
      break;
  }
  return !found.empty();
}

// Fields that Go leaves out of JSON when they are empty.
const Value& empty_of(FieldKind kind) {
  static const Value text = "";
  static const Value number = 0;
  static const Value no = false;
  static const Value map = Value::object();
  switch (kind) {
    case FieldKind::text:
      return text;
    case FieldKind::integer:
      return number;
    case FieldKind::boolean:
      return no;
    default:
      return map;
  }
}

bool match(const Filter::Node& node, const Value& value, std::size_t depth, bool in_map) {
  if (depth == node.match.selector.size()) return compare(node, value.is_null() ? empty_of(node.field) : value);
  if (value.is_array())
    return std::any_of(value.begin(), value.end(), [&](const Value& item) { return match(node, item, depth, false); });
  const std::string& key = node.match.selector[depth];
  const auto found = value.is_object() ? value.find(key) : value.end();
  if (!value.is_object() || found == value.end()) {
    if (in_map) return on_absent(node.match.op);
    // A field that is left out when empty: an empty map has no keys, an empty text compares as one.
    const bool last = depth + 1 == node.match.selector.size();
    return last ? compare(node, empty_of(node.field)) : on_absent(node.match.op);
  }
  const bool is_map = key == "Meta" || key == "TaggedAddresses" || key == "NodeMeta" || key == "ServiceMeta" ||
                      key == "ServiceTaggedAddresses";
  return match(node, *found, depth + 1, is_map);
}

bool evaluate(const Filter::Node& node, const Value& object) {
  const auto matches_object = [&object](const Filter::Node& child) { return evaluate(child, object); };
  switch (node.kind) {
    case Tree::both:
      return std::all_of(node.children.begin(), node.children.end(), matches_object);
    case Tree::either:
      return std::any_of(node.children.begin(), node.children.end(), matches_object);
    case Tree::negation:
      return !matches_object(node.children.front());
    case Tree::match:
      break;
  }
  return match(node, object, 0, false);
}

}  // namespace

Result<Filter> Filter::parse(std::string_view text, FilterTarget target) {
  Filter filter;
  if (text.empty()) return filter;
  LS_TRY(tree, parse_filter(text));
  LS_TRY(root, compile(tree, filter_fields(target)));
  filter.root_ = std::make_shared<const Node>(std::move(root));
  return filter;
}

bool Filter::matches(const Value& object) const {
  return root_ == nullptr || evaluate(*root_, object);
}

void Filter::apply(Value& list) const {
  if (root_ == nullptr) return;
  Value kept = Value::array();
  for (Value& item : list)
    if (matches(item)) kept.push_back(std::move(item));
  list = std::move(kept);
}

}  // namespace longshore::registry
