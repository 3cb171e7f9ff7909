// What Go's time.Time offers its encoders, as far as a template can call it: methods that give bytes.
#pragma once
#include <span>
#include <string>

#include "common/tmpl/eval.h"
#include "common/tmpl/time_value.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::gotime {

// RFC 3339 with nanoseconds, or why it has no such text: `method`: year outside of range [0,9999]
Result<std::string> strict_text(const Time& time, const std::string& method);

Result<Value> marshal_json(Call& call, const Value& self, std::span<const Value> args);
Result<Value> marshal_text(Call& call, const Value& self, std::span<const Value> args);
Result<Value> marshal_binary(Call& call, const Value& self, std::span<const Value> args);  // GobEncode as well
// The same behind the bytes given.
Result<Value> append_format(Call& call, const Value& self, std::span<const Value> args);
Result<Value> append_text(Call& call, const Value& self, std::span<const Value> args);
Result<Value> append_binary(Call& call, const Value& self, std::span<const Value> args);

}  // namespace longshore::tmpl::gotime
