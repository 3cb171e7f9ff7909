// nginxQuote nginxName: text from labels and keys in an nginx configuration, without a way to break out of its place.
#include <cstdint>

#include "common/tmpl/helper_tools.h"

namespace longshore::tmpl {
namespace {

using types::kString;

// nginx has no escape for a dollar sign, so it becomes U+FF04 (fullwidth dollar sign): visible, and never a variable.
constexpr std::string_view kDollar = "\xEF\xBC\x84";

Result<Value> nginx_quote(Call&, Args args) {
  std::string out = "\"";
  for (const char c : args[0].as_string()) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '$':
        out += kDollar;
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        // Other control bytes have no business in a configuration.
        out += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? ' ' : c;
    }
  }
  out += '"';
  return Value::string(std::move(out));
}

// FNV-1a, folded to 32 bits: enough to keep different names apart, and stable for ever.
std::string short_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  std::string out;
  for (int i = 0; i < 8; ++i, folded >>= 4) out.insert(out.begin(), "0123456789abcdef"[folded & 0xF]);
  return out;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

Result<Value> nginx_name(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  if (text.empty()) return make_string("_");
  std::string out;
  for (const char c : text) out += is_name_char(c) ? c : '_';
  if (out != text) out += "-" + short_hash(text);
  return Value::string(std::move(out));
}

}  // namespace

void add_nginx_helpers(FunctionTable& table) {
  table.add("nginxQuote", {&kString}, nginx_quote);
  table.add("nginxName", {&kString}, nginx_name);
}

}  // namespace longshore::tmpl
