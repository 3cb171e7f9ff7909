// go-dockerclient's docker.Port: "80/tcp", a string with the methods Port and Proto.
#pragma once
#include "common/tmpl/value.h"

namespace longshore::tmpl::registrator {

const Type& port_type();

}  // namespace longshore::tmpl::registrator
