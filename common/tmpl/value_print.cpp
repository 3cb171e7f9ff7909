#include "common/tmpl/value_print.h"

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl {
namespace {

constexpr std::string_view kNil = "<nil>";
constexpr int kMaxDepth = 2000;  // of data; deeper data is an attack
// Go prints machine addresses here. Ours must not change from one evaluation to the next.
constexpr std::uint64_t kAddress = 0xc000000000;

bool is_bytes(const Value& value) {
  return value.kind() == Kind::list && value.type().elem->kind == Kind::uint8;
}

std::string to_bytes(const Value& value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) out += static_cast<char>(value.at(i).as_uint());
  return out;
}

}  // namespace

void ValuePrinter::argument(const Value& value, char32_t verb) {
  if (!value.valid() || value.is_nil_interface()) {
    if (verb == 'T' || verb == 'v') return format_.pad(kNil);
    return bad_verb(value, verb);
  }
  if (verb == 'T') return format_.string(value.type_name());
  if (verb == 'p') return pointer(value, verb);
  if (is_bytes(value) && same_type(value.type(), types::kBytes)) return bytes(value, verb, "[]byte");
  // Go asks for an error first, except for plain values of Go's own types.
  if (verb == 'w' && (value.kind() == Kind::list || value.kind() == Kind::map || value.kind() == Kind::record))
    return bad_verb(value, verb);
  if (by_method(value, verb)) return;
  nested(value, verb, 0);
}

// Go's GoStringer for %#v, else its Stringer: only where the verb takes a string.
bool ValuePrinter::by_method(const Value& value, char32_t verb) {
  if (erroring_ || !value.valid()) return false;
  if (format_.flags.sharp_v) {
    if (value.type().go_text == nullptr || value.is_nil()) return false;
    format_.string(value.type().go_text(value));
    return true;
  }
  if (value.type().text == nullptr || value.type().text_by_address) return false;
  if (verb != 'v' && verb != 's' && verb != 'x' && verb != 'X' && verb != 'q') return false;
  if (value.is_nil())
    format_.write(kNil);
  else
    string(value.type().text(value), value, verb);
  return true;
}

void ValuePrinter::bad_verb(const Value& value, char32_t verb) {
  erroring_ = true;
  format_.write("%!");
  format_.write_rune(static_cast<std::int32_t>(verb));
  format_.write("(");
  if (!value.valid() || value.is_nil_interface()) {
    format_.write(kNil);
  } else {
    format_.write(value.type_name());
    format_.write("=");
    nested(value, 'v', 0);
  }
  format_.write(")");
  erroring_ = false;
}

void ValuePrinter::nested(const Value& value, char32_t verb, int depth) {
  if (depth > kMaxDepth) format_.stop();
  if (format_.stopped()) return;
  if (depth > 0 && by_method(value, verb)) return;
  if (depth > 0 && verb == 'w' && value.valid() && !value.is_nil_interface()) return bad_verb(value, verb);
  switch (value.kind()) {
    case Kind::invalid:
    case Kind::interface_:
      return format_.write(format_.flags.sharp_v ? "interface {}(nil)" : kNil);
    case Kind::boolean:
      return boolean(value, verb);
    case Kind::float32:
      return floating(value.as_float(), 32, value, verb);
    case Kind::float64:
      return floating(value.as_float(), 64, value, verb);
    case Kind::complex64:
    case Kind::complex128:
      return complex(value, verb);
    case Kind::string:
      return string(value.as_string(), value, verb);
    case Kind::list:
      return list(value, verb, depth);
    case Kind::map:
      return map(value, verb, depth);
    case Kind::record:
      if (!value.type().pointer) return record(value, verb, depth);
      if (depth > 0 || value.is_nil()) return pointer(value, verb);
      format_.write("&");
      return record(value, verb, depth + 1);
    case Kind::channel:
    case Kind::function:
      return pointer(value, verb);
    default:
      return integer(value, verb);
  }
}

void ValuePrinter::boolean(const Value& value, char32_t verb) {
  if (verb != 't' && verb != 'v') return bad_verb(value, verb);
  format_.boolean(value.as_bool());
}

void ValuePrinter::with_hex_prefix(std::uint64_t value, bool prefix) {
  const bool sharp = format_.flags.sharp;
  format_.flags.sharp = prefix;
  format_.integer(value, 16, false, 'v', Digits::lower);
  format_.flags.sharp = sharp;
}

void ValuePrinter::integer(const Value& value, char32_t verb) {
  integer(value.as_uint(), value.is_signed(), value, verb);
}

void ValuePrinter::integer(std::uint64_t bits, bool is_signed, const Value& value, char32_t verb) {
  switch (verb) {
    case 'v':
      if (format_.flags.sharp_v && !is_signed) return with_hex_prefix(bits, true);
      return format_.integer(bits, 10, is_signed, verb, Digits::lower);
    case 'd':
      return format_.integer(bits, 10, is_signed, verb, Digits::lower);
    case 'b':
      return format_.integer(bits, 2, is_signed, verb, Digits::lower);
    case 'o':
    case 'O':
      return format_.integer(bits, 8, is_signed, verb, Digits::lower);
    case 'x':
      return format_.integer(bits, 16, is_signed, verb, Digits::lower);
    case 'X':
      return format_.integer(bits, 16, is_signed, verb, Digits::upper);
    case 'c':
      return format_.character(bits);
    case 'q':
      return format_.quoted_character(bits);
    case 'U':
      return format_.unicode(bits);
    default:
      return bad_verb(value, verb);
  }
}

void ValuePrinter::floating(double number, int bits, const Value& value, char32_t verb) {
  switch (verb) {
    case 'v':
      return format_.floating(number, bits, 'g', -1);
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return format_.floating(number, bits, static_cast<char>(verb), -1);
    case 'f':
    case 'e':
    case 'E':
      return format_.floating(number, bits, static_cast<char>(verb), 6);
    case 'F':
      return format_.floating(number, bits, 'f', 6);
    default:
      return bad_verb(value, verb);
  }
}

void ValuePrinter::complex(const Value& value, char32_t verb) {
  if (std::u32string_view(U"vbgGxXfFeE").find(verb) == std::u32string_view::npos) return bad_verb(value, verb);
  const int bits = value.kind() == Kind::complex64 ? 32 : 64;
  const std::complex<double> number = value.as_complex();
  const bool plus = format_.flags.plus;
  format_.write("(");
  floating(number.real(), bits, value, verb);
  format_.flags.plus = true;  // the imaginary part always has a sign
  floating(number.imag(), bits, value, verb);
  format_.write("i)");
  format_.flags.plus = plus;
}

void ValuePrinter::string(std::string_view text, const Value& value, char32_t verb) {
  switch (verb) {
    case 'v':
      if (format_.flags.sharp_v) return format_.quoted(text);
      return format_.string(text);
    case 's':
      return format_.string(text);
    case 'x':
      return format_.hexadecimal(text, Digits::lower);
    case 'X':
      return format_.hexadecimal(text, Digits::upper);
    case 'q':
      return format_.quoted(text);
    default:
      return bad_verb(value, verb);
  }
}

void ValuePrinter::bytes(const Value& value, char32_t verb, std::string_view type_name) {
  switch (verb) {
    case 's':
      return format_.string(to_bytes(value));
    case 'x':
      return format_.hexadecimal(to_bytes(value), Digits::lower);
    case 'X':
      return format_.hexadecimal(to_bytes(value), Digits::upper);
    case 'q':
      return format_.quoted(to_bytes(value));
    case 'v':
    case 'd':
      break;
    default:
      return nested(value, verb, 0);
  }
  const bool go_syntax = format_.flags.sharp_v;
  if (go_syntax) {
    format_.write(type_name);
    if (value.is_nil()) return format_.write("(nil)");
  }
  format_.write(go_syntax ? "{" : "[");
  for (std::size_t i = 0; i < value.size() && !format_.stopped(); ++i) {
    separator(i == 0);
    if (go_syntax)
      with_hex_prefix(value.at(i).as_uint(), true);
    else
      format_.integer(value.at(i).as_uint(), 10, false, verb, Digits::lower);
  }
  format_.write(go_syntax ? "}" : "]");
}

void ValuePrinter::pointer(const Value& value, char32_t verb) {
  const Kind kind = value.kind();
  const bool has_address = kind == Kind::channel || kind == Kind::function || kind == Kind::map ||
                           (kind == Kind::list && !value.type().array) || value.is_pointer();
  if (!has_address) return bad_verb(value, verb);
  const std::uint64_t address = value.is_nil() ? 0 : kAddress;
  switch (verb) {
    case 'v':
      if (format_.flags.sharp_v) {
        format_.write("(");
        format_.write(value.type_name());
        format_.write(")(");
        if (address == 0)
          format_.write("nil");
        else
          with_hex_prefix(address, true);
        return format_.write(")");
      }
      if (address == 0) return format_.pad(kNil);
      return with_hex_prefix(address, !format_.flags.sharp);
    case 'p':
      return with_hex_prefix(address, !format_.flags.sharp);
    case 'b':
    case 'o':
    case 'd':
    case 'x':
    case 'X':
      return integer(address, false, value, verb);
    default:
      return bad_verb(value, verb);
  }
}

void ValuePrinter::separator(bool first) {
  if (!first) format_.write(format_.flags.sharp_v ? ", " : " ");
}

void ValuePrinter::list(const Value& value, char32_t verb, int depth) {
  if (is_bytes(value) && (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X'))
    return bytes(value, verb, value.type_name());
  const bool go_syntax = format_.flags.sharp_v;
  if (go_syntax) {
    format_.write(value.type_name());
    if (value.is_nil()) return format_.write("(nil)");
  }
  format_.write(go_syntax ? "{" : "[");
  for (std::size_t i = 0; i < value.size() && !format_.stopped(); ++i) {
    separator(i == 0);
    nested(value.at(i), verb, depth + 1);
  }
  format_.write(go_syntax ? "}" : "]");
}

void ValuePrinter::map(const Value& value, char32_t verb, int depth) {
  const bool go_syntax = format_.flags.sharp_v;
  if (go_syntax) {
    format_.write(value.type_name());
    if (value.is_nil()) return format_.write("(nil)");
  }
  format_.write(go_syntax ? "{" : "map[");
  bool first = true;
  for (const auto& [key, element] : value.entries()) {
    if (format_.stopped()) return;
    separator(first);
    first = false;
    nested(key, verb, depth + 1);
    format_.write(":");
    nested(element, verb, depth + 1);
  }
  format_.write(go_syntax ? "}" : "]");
}

void ValuePrinter::record(const Value& value, char32_t verb, int depth) {
  const bool go_syntax = format_.flags.sharp_v;
  std::string_view name = value.type_name();
  if (name.starts_with('*')) name.remove_prefix(1);
  if (go_syntax) format_.write(name);
  format_.write("{");
  bool first = true;
  for (const FieldOps& field : value.type().fields) {
    if (format_.stopped()) return;
    separator(first);
    first = false;
    if (go_syntax || format_.flags.plus_v) {
      format_.write(field.name);
      format_.write(":");
    }
    const auto element = value.field(field.name);
    nested(element ? *element : Value::nil(), verb, depth + 1);
  }
  format_.write("}");
}

}  // namespace longshore::tmpl
