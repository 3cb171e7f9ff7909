// The functions of sockaddr's expressions.
#pragma once
#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

class InterfacesHost final : public Host {
 public:
  explicit InterfacesHost(const Interfaces& known) : known_(known) {}  // outlives this
  const Interfaces& known() const { return known_; }
  std::optional<std::string> env(std::string_view) override { return std::nullopt; }
  std::chrono::system_clock::time_point now() override { return {}; }

 private:
  const Interfaces& known_;
};

// Go's own, and: GetAllInterfaces GetDefaultInterfaces GetPrivateInterfaces GetPublicInterfaces GetPrivateIP(s)
// GetPublicIP(s) GetInterfaceIP(s) attr exclude include join limit math offset sort unique. They need an
// InterfacesHost.
FunctionTable functions();

}  // namespace longshore::tmpl::sockaddr
