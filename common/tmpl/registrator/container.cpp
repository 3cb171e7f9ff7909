#include "common/tmpl/registrator/container.h"

#include "common/tmpl/json_text.h"
#include "common/tmpl/registrator/docker_types.h"

namespace longshore::tmpl::registrator {
Result<Value> container_value(std::string_view inspect) {
  auto json = read_json(inspect);
  if (!json) return fail(Errc::protocol, "inspect: " + json.error().text);
  if (json->kind() != Kind::map) return fail(Errc::protocol, "inspect: expected an object");
  return shape::from_json(record<ContainerShape>(), *json);
}

}  // namespace longshore::tmpl::registrator
