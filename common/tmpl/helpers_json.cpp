// parseJSON toJSON toJSONPretty toUnescapedJSON toUnescapedJSONPretty
#include "common/tmpl/helper_tools.h"
#include "common/tmpl/json_text.h"

namespace longshore::tmpl {
namespace {

Result<Value> parse_json(Call& call, Args args) {
  if (args[0].size() == 0) return any_map({});
  LS_TRY_STATUS(call.charge(1 + args[0].size() / 16));
  return read_json(args[0].as_string());
}

template <bool Pretty, bool EscapeHtml>
Result<Value> to_json(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  if (const Status status = write_json(out, args[0], {Pretty, EscapeHtml}); !status)
    return base::fail(status.error().with(call.name()));
  return Value::string(std::move(out.text));
}

}  // namespace

void add_json_helpers(FunctionTable& table) {
  table.add("parseJSON", {&types::kString}, parse_json);
  table.add("toJSON", {&types::kAny}, to_json<false, true>);
  table.add("toJSONPretty", {&types::kAny}, to_json<true, true>);
  table.add("toUnescapedJSON", {&types::kAny}, to_json<false, false>);
  table.add("toUnescapedJSONPretty", {&types::kAny}, to_json<true, false>);
}

}  // namespace longshore::tmpl
