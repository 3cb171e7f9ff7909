// print printf println html js urlquery
#include "common/tmpl/builtins.h"
#include "common/tmpl/eval.h"
#include "common/tmpl/format.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

Result<Value> finished(Call& call, BoundedText text) {
  if (text.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  return Value::string(std::move(text.text));
}

Result<Value> print_all(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  print(out, args);
  return finished(call, std::move(out));
}

Result<Value> println_all(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  println(out, args);
  return finished(call, std::move(out));
}

Result<Value> printf_all(Call& call, Args args) {
  BoundedText out(call.max_bytes());
  printf(out, args[0].as_string(), args.subspan(1));
  return finished(call, std::move(out));
}

// The arguments as one text: a single string as it is, others printed like {{value}} with Print's spaces.
Result<std::string> joined(Call& call, Args args) {
  if (args.size() == 1 && args[0].is_string()) return std::string(args[0].as_string());
  BoundedText out(call.max_bytes());
  bool after_string = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    // Nothing becomes the text <no value>, which is a string like others.
    const bool is_string = args[i].is_string() || !args[i].valid() || args[i].is_nil_interface();
    if (i > 0 && !is_string && !after_string) out.append(" ");
    if (!print_value(out, args[i])) print(out, args.subspan(i, 1));
    after_string = is_string;
  }
  if (out.overflow) LS_TRY_STATUS(call.check_size(call.max_bytes() + 1));
  return std::move(out.text);
}

Result<Value> html(Call& call, Args args) {
  LS_TRY(text, joined(call, args));
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\xEF\xBF\xBD";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return Value::string(std::move(out));
}

void append_js_escape(std::string& out, std::uint32_t rune) {
  out += "\\u";
  for (int shift = rune > 0xFFFF ? (rune > 0xFFFFF ? 20 : 16) : 12; shift >= 0; shift -= 4)
    out += kUpperHex[(rune >> shift) & 0xF];
}

Result<Value> js(Call& call, Args args) {
  LS_TRY(joined_text, joined(call, args));
  std::string_view text = joined_text;
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    const std::string_view bytes = text.substr(0, rune.width);
    text.remove_prefix(rune.width);
    if (rune.value >= 0x80) {
      // A malformed byte is copied as it is: U+FFFD counts as printable.
      if (is_printable(rune.value))
        out += bytes;
      else
        append_js_escape(out, static_cast<std::uint32_t>(rune.value));
      continue;
    }
    switch (rune.value) {
      case '\\':
        out += "\\\\";
        break;
      case '\'':
        out += "\\'";
        break;
      case '"':
        out += "\\\"";
        break;
      case '<':
      case '>':
      case '&':
      case '=':
        append_js_escape(out, static_cast<std::uint32_t>(rune.value));
        break;
      default:
        if (rune.value < ' ')
          append_js_escape(out, static_cast<std::uint32_t>(rune.value));
        else
          out += bytes;
    }
  }
  return Value::string(std::move(out));
}

Result<Value> urlquery(Call& call, Args args) {
  LS_TRY(text, joined(call, args));
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool keep = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_' || c == '.' || c == '~';
    if (keep) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kUpperHex[byte >> 4];
      out += kUpperHex[byte & 0xF];
    }
  }
  return Value::string(std::move(out));
}

}  // namespace

void add_text_builtins(FunctionTable& table) {
  table.add("print", {&types::kAny}, print_all, true);
  table.add("println", {&types::kAny}, println_all, true);
  table.add("printf", {&types::kString, &types::kAny}, printf_all, true);
  table.add("html", {&types::kAny}, html, true);
  table.add("js", {&types::kAny}, js, true);
  table.add("urlquery", {&types::kAny}, urlquery, true);
}

}  // namespace longshore::tmpl
