// merge mustMerge mergeOverwrite mustMergeOverwrite, and consul-template's mergeMap mergeMapWithOverride:
// dario.cat/mergo 1.0.2 on maps. The destination changes in place.
#include "common/tmpl/sprig/dict_value.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kMapOfAny;

// mergo's isEmptyValue: structs and functions are never empty.
bool is_vacant(const Value& value) {
  if (value.kind() == Kind::record && !value.is_nil()) return false;
  return is_empty(value);
}

Status merge_into(Call& call, Dict& target, const Value& source, bool overwrite) {
  for (const auto& [name, boxed] : source.entries()) {
    LS_TRY_STATUS(call.charge(1));
    const std::string_view key = name.as_string();
    const Value element = boxed.unbox();
    const Value* found = target.find(key);
    const bool present = found != nullptr;
    const Value current = present ? *found : Value();
    if (is_nothing(element)) {
      if (overwrite) LS_TRY_STATUS(target.set(call, key, element));
      continue;
    }
    const bool both_maps = element.kind() == Kind::map && current.kind() == Kind::map;
    if (both_maps && same_type(current.type(), kMapOfAny) && !current.is_nil()) {
      LS_TRY(inner, dict_or_copy(call, current));
      LS_TRY_STATUS(merge_into(call, *inner, element, overwrite));
      if (as_dict(current) == nullptr) LS_TRY_STATUS(target.set(call, key, inner->value()));
    }
    const bool vacant = !present || is_vacant(current);
    const bool both_lists = is_list(element) && is_list(current);
    if (both_maps && !vacant) continue;
    if (both_lists && !vacant && !overwrite) continue;
    if (overwrite || vacant) LS_TRY_STATUS(target.set(call, key, element));
  }
  return {};
}

template <bool Overwrite>
Result<Value> merge(Call& call, Args args) {
  LS_TRY(target, dict_or_copy(call, args[0]));
  for (const Value& source : args.subspan(1)) LS_TRY_STATUS(merge_into(call, *target, source, Overwrite));
  return target->value();
}

}  // namespace

void add_merge(FunctionTable& table) {
  for (const char* name : {"merge", "mustMerge"}) add(table, name, {&kMapOfAny, &kMapOfAny}, merge<false>, true);
  for (const char* name : {"mergeOverwrite", "mustMergeOverwrite"})
    add(table, name, {&kMapOfAny, &kMapOfAny}, merge<true>, true);
}

void add_merge_map(FunctionTable& table) {
  table.add("mergeMap", {&kMapOfAny, &kMapOfAny}, merge<false>);
  table.add("mergeMapWithOverride", {&kMapOfAny, &kMapOfAny}, merge<true>);
}

}  // namespace longshore::tmpl::sprig
