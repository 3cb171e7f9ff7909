#include "common/json/json.h"

#include "common/base/text.h"

namespace longshore::json {
namespace {

// Brackets outside strings; a cheap pass that keeps deep documents away from every recursive walker.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

// Remembers why the parser stopped; builds nothing itself.
struct Problem : nlohmann::json_sax<Value> {
  std::string text;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    text = "at byte " + std::to_string(position) + ": " + error.what();
    return false;
  }
};

}  // namespace

Result<Value> parse(std::string_view text, std::string_view what) {
  if (too_deep(text)) return fail(Errc::limit, std::string(what) + ": JSON is nested deeper than 512 levels");
  Value value = Value::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  Problem problem;
  Value::sax_parse(text, &problem);
  return fail(Errc::protocol, std::string(what) + ": malformed JSON " + base::replace_invalid_utf8(problem.text));
}

std::string dump(const Value& value, int indent) {
  return value.dump(indent, ' ', false, Value::error_handler_t::replace);
}

std::string text_or_empty(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace longshore::json
