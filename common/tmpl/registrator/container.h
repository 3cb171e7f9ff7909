// What tag templates see: go-dockerclient's *docker.Container, made from Docker's answer to an inspect.
#pragma once
#include <string_view>

#include "common/tmpl/value.h"

namespace longshore::tmpl::registrator {

// `inspect`: the body of GET /containers/<id>/json. Fields that are missing or of another type have their zero value,
// names are matched without case, as Go's decoder does. Errc::protocol when it is no JSON object.
Result<Value> container_value(std::string_view inspect);

}  // namespace longshore::tmpl::registrator
