#include "renderer/core/permitted.h"

#include <fnmatch.h>

#include <algorithm>

namespace longshore::render {
namespace {

Result<tmpl::Value> refuse(tmpl::Call&, tmpl::Args) {
  return fail(Errc::template_error, "function is disabled");
}

}  // namespace

tmpl::Functions permitted(const tmpl::Functions& all, const std::vector<std::string>& denied) {
  if (denied.empty()) return all;
  tmpl::FunctionTable table = *all;
  for (const std::string& name : all->names()) {
    const auto names_it = [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; };
    if (std::ranges::any_of(denied, names_it)) table.add(name, {&tmpl::types::kAny}, refuse, true);
  }
  return std::make_shared<const tmpl::FunctionTable>(std::move(table));
}

}  // namespace longshore::render
