#include <vector>

#include "common/tmpl/data/data.h"
#include "common/tmpl/data/spew.h"
#include "common/tmpl/data/toml_write.h"
#include "common/tmpl/data/yaml_read.h"
#include "common/tmpl/data/yaml_write.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/go_strings.h"

namespace longshore::tmpl {
namespace {

using types::kAny;
using types::kString;

Result<Value> parse_yaml(Call& call, Args args) {
  if (args[0].size() == 0) return any_map({});
  LS_TRY_STATUS(call.charge(1 + args[0].size() / 4));
  return yaml::read(args[0].as_string());
}

// Go trims white space; the text is otherwise as the writer made it.
Result<Value> finished(Call& call, const BoundedText& out, const Status& written, const char* context) {
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  if (!written) return base::fail(written.error().code, context + written.error().text);
  return Value::string(std::string(strings::trim_space(out.text)));
}

Result<Value> to_yaml(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  const Status written = yaml::write(out, args[0]);
  return finished(call, out, written, "");  // Go panics: no context
}

Result<Value> to_toml(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  const Status written = toml::write(out, args[0]);
  const bool panics = !written && written.error().text.starts_with("reflect:");
  return finished(call, out, written, panics ? "" : "toTOML: ");
}

Result<Value> spew_sdump(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  for (const Value& each : args) spew::dump(out, each);
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  return Value::string(std::move(out.text));
}

// The format with each %v, %+v, %#v and %#+v of an argument replaced by %s of what spew makes of it.
struct Replaced {
  std::string format;
  std::vector<Value> args;
};

Result<Replaced> replace_v(Call& call, std::string_view format, Args args) {
  Replaced out{std::string(), {args.begin(), args.end()}};
  std::size_t next = 0;
  for (std::size_t at = 0; at < format.size();) {
    const std::size_t end = format[at] == '%' ? format.find_first_not_of("+-# 0123456789.[]*", at + 1) : at;
    const std::string_view directive =
        format.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at + 1);
    at += directive.size();
    const bool counted = directive.size() > 1 && directive.back() != '%';
    const bool odd = directive.find_first_of("[*") != std::string_view::npos;  // left to printf
    if (counted && !odd && directive.back() == 'v' && next < out.args.size()) {
      BoundedText shown(call.max_bytes());
      spew::format(shown, args[next], directive.find('#') != std::string_view::npos,
                   directive.find('+') != std::string_view::npos);
      if (shown.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
      out.args[next] = Value::string(std::move(shown.text));
      out.format += "%s";
    } else {
      out.format += directive;
    }
    if (counted && !odd) ++next;
  }
  return out;
}

Result<Value> spew_sprintf(Call& call, Args args) {
  LS_TRY(replaced, replace_v(call, args[0].as_string(), args.subspan(1)));
  BoundedText out(call.max_bytes());
  printf(out, replaced.format, replaced.args);
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  return Value::string(std::move(out.text));
}

// The originals print to the standard output of the program, which a daemon has no use for: the text is made (and its
// errors reported), and dropped.
template <Result<Value> (*Make)(Call&, Args)>
Result<Value> dropped(Call& call, Args args) {
  LS_TRY_STATUS(Make(call, args));
  return Value::string("");
}

}  // namespace

FunctionTable data_functions() {
  FunctionTable table;
  table.add("parseYAML", {&kString}, parse_yaml);
  table.add("toYAML", {&kAny}, to_yaml);
  table.add("toTOML", {&kAny}, to_toml);
  table.add("spew_sdump", {&kAny}, spew_sdump, true);
  table.add("spew_sprintf", {&kString, &kAny}, spew_sprintf, true);
  table.add("spew_dump", {&kAny}, dropped<spew_sdump>, true);
  table.add("spew_printf", {&kString, &kAny}, dropped<spew_sprintf>, true);
  return table;
}

}  // namespace longshore::tmpl
