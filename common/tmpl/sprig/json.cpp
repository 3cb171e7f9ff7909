// fromJson toJson toPrettyJson toRawJson: nothing on an error; their must forms report it (as does toRawJson).
#include "common/tmpl/json_text.h"
#include "common/tmpl/sprig/dict_value.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kAny;
using types::kString;

template <bool Must>
Result<Value> from_json(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(1 + args[0].size() / 16));
  const auto parsed = read_json(args[0].as_string());
  if (!parsed && Must) return bad(parsed.error().text);
  if (!parsed) return Value::nil();
  return deep_copy(call, *parsed);  // its objects can change, as Go's do
}

template <bool Must, bool Pretty, bool Raw>
Result<Value> to_json(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  const Status written = write_json(out, args[0], {.pretty = Pretty, .escape_html = !Raw});
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  if (!written && (Must || Raw)) return bad(written.error().text);
  return Value::string(written ? std::move(out.text) : "");
}

}  // namespace

void add_json(FunctionTable& table) {
  add(table, "fromJson", {&kString}, from_json<false>);
  add(table, "mustFromJson", {&kString}, from_json<true>);
  add(table, "toJson", {&kAny}, to_json<false, false, false>);
  add(table, "mustToJson", {&kAny}, to_json<true, false, false>);
  add(table, "toPrettyJson", {&kAny}, to_json<false, true, false>);
  add(table, "mustToPrettyJson", {&kAny}, to_json<true, true, false>);
  add(table, "toRawJson", {&kAny}, to_json<false, false, true>);
  add(table, "mustToRawJson", {&kAny}, to_json<true, false, true>);
}

}  // namespace longshore::tmpl::sprig
