#include "common/tmpl/function_table.h"

namespace longshore::tmpl {

void FunctionTable::add(Function function) {
  std::string name = function.name;
  functions_.insert_or_assign(std::move(name), std::move(function));
}

void FunctionTable::add(std::string name, std::vector<const Type*> params, FunctionBody body, bool variadic) {
  add(Function{
      .name = std::move(name), .params = std::move(params), .variadic = variadic, .body = body, .unsupported = {}});
}

void FunctionTable::merge(const FunctionTable& other) {
  for (const auto& [name, function] : other.functions_) functions_.insert_or_assign(name, function);
}

void FunctionTable::mark(std::initializer_list<std::string_view> names, Repeat repeat) {
  for (const std::string_view name : names) functions_.find(name)->second.repeat = repeat;
}

const Function* FunctionTable::find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string> FunctionTable::names() const {
  std::vector<std::string> out;
  for (const auto& [name, function] : functions_) out.push_back(name);
  return out;
}

}  // namespace longshore::tmpl
