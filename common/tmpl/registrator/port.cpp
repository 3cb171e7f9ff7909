#include "common/tmpl/registrator/port.h"

#include "common/tmpl/eval.h"

namespace longshore::tmpl::registrator {
namespace {

Result<Value> number(Call&, const Value& self, std::span<const Value>) {
  const std::string_view text = self.as_string();
  return Value::string_view(text.substr(0, text.find('/')), self.owner());
}

Result<Value> protocol(Call&, const Value& self, std::span<const Value>) {
  const std::string_view text = self.as_string();
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Value::string("tcp");
  const std::string_view rest = text.substr(slash + 1);
  return Value::string_view(rest.substr(0, rest.find('/')), self.owner());
}

constexpr MethodOps kMethods[] = {{"Port", {}, number}, {"Proto", {}, protocol}};
constexpr Type kPort{.kind = Kind::string, .name = "docker.Port", .methods = kMethods};

}  // namespace

const Type& port_type() {
  return kPort;
}

}  // namespace longshore::tmpl::registrator
