// What the template targets share: every function that the renderer has, and data of every kind.
#pragma once
#include <array>
#include <string_view>

#include "common/tmpl/data/data.h"
#include "common/tmpl/sockaddr/sockaddr.h"
#include "common/tmpl/sprig/sprig.h"
#include "tests/conformance/conformance_data.h"

namespace longshore::fuzz {

// Keys, certificates and password hashes take milliseconds to seconds each, on purpose: they would only slow the
// search.
inline constexpr std::array<std::string_view, 11> kSlow = {
    "sprig_genPrivateKey",  "sprig_genCA",    "sprig_genCAWithKey",         "sprig_genSelfSignedCert",
    "sprig_genSignedCert",  "sprig_htpasswd", "sprig_genSignedCertWithKey", "sprig_genSelfSignedCertWithKey",
    "sprig_derivePassword", "sprig_bcrypt",   "sprig_buildCustomCert"};

// As the renderer's, on a machine that does not change.
inline Result<tmpl::Value> sockaddr_on_two_interfaces(tmpl::Call& call, tmpl::Args args) {
  namespace sa = tmpl::sockaddr;
  static const sa::Interfaces known = [] {
    const auto lo = std::make_shared<const sa::Interface>(sa::Interface{1, 65536, "lo", "", sa::kUp | sa::kLoopback});
    const auto eth0 = std::make_shared<const sa::Interface>(
        sa::Interface{2, 1500, "eth0", "02:42:ac:11:00:02", sa::kUp | sa::kBroadcast | sa::kMulticast});
    const auto ip = [](const char* text) { return sa::parse_ip(text).value(); };
    return sa::Interfaces{{{ip("127.0.0.1/8"), lo},
                           {ip("::1/128"), lo},
                           {ip("10.0.5.9/16"), eth0},
                           {ip("8.8.4.4/29"), eth0},
                           {ip("fd00:1::5/64"), eth0}},
                          "eth0",
                          ""};
  }();
  std::string expression;
  for (const tmpl::Value& argument : args) (expression += ' ') += argument.as_string();
  LS_TRY(text, sa::evaluate(call, expression, known));
  return tmpl::Value::string(std::move(text));
}

inline tmpl::Functions all_functions() {
  tmpl::FunctionTable table = *conformance::functions();
  table.merge(tmpl::sprig_functions());
  table.merge(tmpl::merge_map_functions());
  table.merge(tmpl::data_functions());
  table.add("sockaddr", {&tmpl::types::kString}, sockaddr_on_two_interfaces, true);
  for (const std::string_view name : kSlow)
    table.add(tmpl::Function{.name = std::string(name), .unsupported = "is slow on purpose"});
  return std::make_shared<const tmpl::FunctionTable>(std::move(table));
}

}  // namespace longshore::fuzz
