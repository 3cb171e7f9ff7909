#include "common/tmpl/registrator/functions.h"

#include "common/tmpl/go_strings.h"
#include "common/tmpl/regexp.h"
#include "common/tmpl/registrator/json_path.h"

namespace longshore::tmpl::registrator {
namespace {

using types::kInt;
using types::kListOfString;
using types::kString;

// A Go []byte that is a text of ours: no Value for each byte.
constexpr ListOps kBytesOps{[](const void* text) { return static_cast<const std::string_view*>(text)->size(); },
                            [](const void* text, std::size_t index, const Owner&) {
                              const auto byte =
                                  static_cast<unsigned char>((*static_cast<const std::string_view*>(text))[index]);
                              return Value::unsigned_integer(byte, types::kUint8);
                            }};
constexpr Type kTextBytes{
    .kind = Kind::list, .name = "[]uint8", .elem = &types::kUint8, .plain = &types::kBytes, .list = &kBytesOps};

std::unexpected<Error> panic(const std::string& text) {
  return base::fail(Errc::template_error, "runtime error: " + text);
}

// Go's text[from:to], with the texts of its panics.
Result<Value> cut(const Value& text, std::int64_t from, std::int64_t to) {
  const auto size = static_cast<std::int64_t>(text.size());
  const std::string last = std::to_string(to);
  if (to < 0) return panic("slice bounds out of range [:" + last + "]");
  if (to > size) return panic("slice bounds out of range [:" + last + "] with length " + std::to_string(size));
  if (from < 0) return panic("slice bounds out of range [" + std::to_string(from) + ":]");
  const std::string_view part =
      text.as_string().substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  return Value::string_view(part, text.owner());
}

// Bounds beyond the end give the whole text, as does an end of their own; an end before the start counts as none.
Result<Value> str_slice(Call&, Args args) {
  const auto size = static_cast<std::int64_t>(args[0].size());
  const std::int64_t from = args.size() > 1 ? args[1].as_int() : 0;
  if (args.size() == 2 && from <= size) return cut(args[0], from, size);
  if (args.size() != 3 || from > size || args[2].as_int() > size) return args[0];
  const std::int64_t to = args[2].as_int();
  return cut(args[0], from, from != 0 && to < from ? size : to);
}

// Negative counts from the end; what is out of range is the nearest element.
Result<std::size_t> place_of(std::int64_t index, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  if (size == 0) return panic(index < 0 ? "index out of range [0] with length 0" : "index out of range [-1]");
  if (index < 0) return static_cast<std::size_t>(index <= -size ? 0 : size + index);
  return static_cast<std::size_t>(index >= size ? size - 1 : index);
}

Result<Value> s_index(Call&, Args args) {
  LS_TRY(place, place_of(args[0].as_int(), args[1].size()));
  return args[1].at(place);
}

Result<Value> m_index(Call&, Args args) {
  return args[1].find(args[0].as_string()).value_or(Value::string(""));
}

Result<Value> replace(Call& call, Args args) {
  LS_TRY(text, strings::replace(call, args[3].as_string(), args[1].as_string(), args[2].as_string(), args[0].as_int()));
  return Value::string(std::move(text));
}

Result<Value> split(Call& call, Args args) {
  const auto parts = strings::split(args[1].as_string(), args[0].as_string());
  LS_TRY_STATUS(call.charge(parts.size()));
  std::vector<Value> out;
  for (const std::string_view part : parts) out.push_back(Value::string_view(part, args[1].owner()));
  return Value::list(kListOfString, std::move(out));
}

Result<Value> split_index(Call& call, Args args) {
  LS_TRY(parts, split(call, args.subspan(1)));
  LS_TRY(place, place_of(args[0].as_int(), parts.size()));
  return parts.at(place);
}

Result<Value> match_first_element(Call& call, Args args) {
  LS_TRY(pattern, regexp::must_compile(call, args[0].as_string()));
  for (std::size_t i = 0; i < args[1].size(); ++i) {
    const Value element = args[1].at(i);
    LS_TRY(found, regexp::matches(call, *pattern, element.as_string()));
    if (found) return element;
  }
  return Value::string("");
}

Result<Value> match_all_elements(Call& call, Args args) {
  LS_TRY(pattern, regexp::must_compile(call, args[0].as_string()));
  std::vector<Value> out;
  for (std::size_t i = 0; i < args[1].size(); ++i) {
    Value element = args[1].at(i);
    LS_TRY(found, regexp::matches(call, *pattern, element.as_string()));
    if (found) out.push_back(std::move(element));
  }
  return Value::list(kListOfString, std::move(out));
}

Result<Value> http_get(Call& call, Args args) {
  const std::string_view body = call.host_as<HttpHost>().http_get(args[0].as_string()).value_or("");
  LS_TRY_STATUS(call.charge(1 + body.size() / 64));
  return Value::view(kTextBytes, std::make_shared<const std::string_view>(body));
}

Result<Value> json_parse(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(1 + args[0].size() / 64));
  std::string copy;
  std::string_view text;
  if (args[0].size() > 0 && args[0].type().list == &kBytesOps) {
    text = *static_cast<const std::string_view*>(args[0].object());
  } else {
    for (std::size_t i = 0; i < args[0].size(); ++i) copy += static_cast<char>(args[0].at(i).as_uint());
    text = copy;
  }
  const auto path = strings::split(args[1].as_string(), "::");
  return Value::string(std::string(json_at(text, path).value_or("")));
}

}  // namespace

FunctionTable functions() {
  const FunctionTable helpers = helper_functions();
  FunctionTable table;
  table.add("strSlice", {&kString, &kInt}, str_slice, true);
  table.add("sIndex", {&kInt, &kListOfString}, s_index);
  table.add("mIndex", {&kString, &types::kMapOfString}, m_index);
  for (const char* same : {"toUpper", "toLower", "join"}) table.add(*helpers.find(same));
  table.add("replace", {&kInt, &kString, &kString, &kString}, replace);
  table.add("split", {&kString, &kString}, split);
  table.add("splitIndex", {&kInt, &kString, &kString}, split_index);
  table.add("matchFirstElement", {&kString, &kListOfString}, match_first_element);
  table.add("matchAllElements", {&kString, &kListOfString}, match_all_elements);
  table.add("httpGet", {&kString}, http_get);
  table.add("jsonParse", {&types::kBytes, &kString}, json_parse);
  return table;
}

}  // namespace longshore::tmpl::registrator
