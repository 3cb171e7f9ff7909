// What the template targets share: every function that the renderer has, and data of every kind.
#pragma once
#include <array>
#include <string_view>

#include "common/tmpl/data/data.h"
#include "common/tmpl/sprig/sprig.h"
#include "tests/conformance/conformance_data.h"

namespace longshore::fuzz {

// Keys, certificates and password hashes take milliseconds to seconds each, on purpose: they would only slow the
// search.
inline constexpr std::array<std::string_view, 11> kSlow = {
    "sprig_genPrivateKey",  "sprig_genCA",    "sprig_genCAWithKey",         "sprig_genSelfSignedCert",
    "sprig_genSignedCert",  "sprig_htpasswd", "sprig_genSignedCertWithKey", "sprig_genSelfSignedCertWithKey",
    "sprig_derivePassword", "sprig_bcrypt",   "sprig_buildCustomCert"};

inline tmpl::Functions all_functions() {
  tmpl::FunctionTable table = *conformance::functions();
  table.merge(tmpl::sprig_functions());
  table.merge(tmpl::merge_map_functions());
  table.merge(tmpl::data_functions());
  for (const std::string_view name : kSlow)
    table.add(tmpl::Function{.name = std::string(name), .unsupported = "is slow on purpose"});
  return std::make_shared<const tmpl::FunctionTable>(std::move(table));
}

}  // namespace longshore::fuzz
