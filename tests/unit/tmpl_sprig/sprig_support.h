#pragma once
#include "common/tmpl/sprig/sprig.h"
#include "tests/unit/tmpl/tmpl_support.h"

namespace longshore::tmpl::testing {

inline std::string render_sprig(const std::string& text, const Value& data = {}, const Limits& limits = {}) {
  FunctionTable table = all_functions();
  table.merge(sprig_functions());
  return render(text, data, {.missing_key = MissingKey::zero, .limits = limits}, shared(std::move(table)));
}

inline bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace longshore::tmpl::testing
