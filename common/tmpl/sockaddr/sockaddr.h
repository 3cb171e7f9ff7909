// consul-template's `sockaddr`: an expression in go-sockaddr's template language, over the addresses of this machine.
#pragma once
#include <string_view>

#include "common/tmpl/eval.h"
#include "common/tmpl/sockaddr/interfaces.h"

namespace longshore::tmpl::sockaddr {

// Pure; the work counts for the evaluation that calls, and each expression is evaluated once in it. Error texts are the
// original's. `known` is the same for the whole evaluation.
Result<std::string> evaluate(Call& call, std::string_view expression, const Interfaces& known);

}  // namespace longshore::tmpl::sockaddr
