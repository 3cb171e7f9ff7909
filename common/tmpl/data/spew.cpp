#include "common/tmpl/data/spew.h"

#include "common/tmpl/numbers.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::spew {
namespace {

Value inside(const Value& value) {
  return value.valid() ? value.unbox() : Value::nil();
}

void append_float_text(std::string& out, double number, int bits) {
  append_float(out, number, 'g', -1, bits);
}

// Bools and numbers. False: the value is something else.
bool simple_text(const Value& value, std::string& out) {
  if (value.kind() == Kind::boolean) {
    out = value.as_bool() ? "true" : "false";
  } else if (value.is_signed()) {
    out = std::to_string(value.as_int());
  } else if (value.is_unsigned()) {
    out = std::to_string(value.as_uint());
  } else if (value.is_float()) {
    append_float_text(out, value.as_float(), value.kind() == Kind::float32 ? 32 : 64);
  } else if (value.is_complex()) {
    const int bits = value.kind() == Kind::complex64 ? 32 : 64;
    out = "(";
    append_float_text(out, value.as_complex().real(), bits);
    if (value.as_complex().imag() >= 0) out += '+';
    append_float_text(out, value.as_complex().imag(), bits);
    out += "i)";
  } else {
    return false;
  }
  return true;
}

class Dumper {
 public:
  explicit Dumper(BoundedText& out) : out_(out) {}
  void dump(const Value& value);

 private:
  void indent() {
    if (!skip_indent_) out_.append(depth_, ' ');
    skip_indent_ = false;
  }
  void header(const Value& value);
  void body(const Value& value);
  void pointer(const Value& value);
  void list(const Value& value);
  void map(const Value& value);
  void record(const Value& value);
  void hex(const Value& value);
  void after(bool is_last) { out_.append(is_last ? "\n" : ",\n"); }
  void open() {
    out_.append("{\n");
    ++depth_;
  }
  void close() {
    --depth_;
    indent();
    out_.append("}");
  }

  BoundedText& out_;
  std::size_t depth_ = 0;
  bool skip_indent_ = false;
  bool skip_type_ = false;
};

void Dumper::dump(const Value& value) {
  if (out_.overflow) return;
  if (value.is_pointer()) return pointer(value);
  if (!skip_type_) {
    indent();
    out_.append("(" + std::string(value.is_nil_interface() ? types::kAny.name : value.type().name) + ") ");
  }
  skip_type_ = false;
  header(value);
  body(value);
}

void Dumper::header(const Value& value) {
  const std::size_t length = value.kind() == Kind::channel ? 0 : value.size();
  if (length == 0) return;
  out_.append("(len=" + std::to_string(length));
  if (value.kind() == Kind::list) out_.append(" cap=" + std::to_string(length));
  out_.append(") ");
}

void Dumper::pointer(const Value& value) {
  indent();
  const std::string name(value.type().name.substr(1));
  out_.append("(" + (value.is_nil() ? "*" + name : "*" + name) + ")(");
  if (value.is_nil()) {
    out_.append("<nil>");
  } else {
    header(value);
    body(value);
  }
  out_.append(")");
}

void Dumper::body(const Value& value) {
  std::string text;
  if (value.is_nil_interface()) return out_.append("<nil>");
  if (value.type().text != nullptr) return out_.append(value.type().text(value));
  if (simple_text(value, text)) return out_.append(text);
  if (value.is_string()) return out_.append(quote(value.as_string()));
  if (value.is_nil()) return out_.append("<nil>");
  if (value.kind() == Kind::list) return list(value);
  if (value.kind() == Kind::map) return map(value);
  if (value.kind() == Kind::record) return record(value);
  out_.append("0x0");
}

void Dumper::list(const Value& value) {
  open();
  if (value.size() > 0 && value.type().elem->kind == Kind::uint8) {
    hex(value);
  } else {
    for (std::size_t i = 0; i < value.size(); ++i) {
      dump(inside(value.at(i)));
      after(i + 1 == value.size());
    }
  }
  close();
}

// Like the program hexdump with -C.
void Dumper::hex(const Value& value) {
  for (std::size_t at = 0; at < value.size(); at += 16) {
    std::string line;
    std::string shown;
    for (int shift = 28; shift >= 0; shift -= 4) line += "0123456789abcdef"[at >> shift & 15];
    line += ' ';
    for (std::size_t i = at; i < at + 16; ++i) {
      if (i % 8 == 0) line += ' ';
      if (i >= value.size()) {
        line += "   ";
        continue;
      }
      const std::uint64_t byte = value.at(i).as_uint();
      ((line += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15]) += ' ';
      shown += byte < 32 || byte > 126 ? '.' : static_cast<char>(byte);
    }
    out_.append(depth_, ' ');
    out_.append(line + " |" + shown + "|\n");
  }
}

void Dumper::map(const Value& value) {
  open();
  const auto entries = value.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    dump(inside(entries[i].first));
    out_.append(": ");
    skip_indent_ = true;
    dump(inside(entries[i].second));
    after(i + 1 == entries.size());
  }
  close();
}

void Dumper::record(const Value& value) {
  open();
  const auto fields = value.type().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    indent();
    out_.append(std::string(fields[i].name) + ": ");
    skip_indent_ = true;
    dump(inside(*value.field(fields[i].name)));
    after(i + 1 == fields.size());
  }
  close();
}

class Formatter {
 public:
  Formatter(BoundedText& out, bool show_types, bool show_names)
      : out_(out), show_types_(show_types), show_names_(show_names || show_types) {}
  void format(const Value& value, bool with_type);

 private:
  void body(const Value& value);
  void list(const Value& value);
  void map(const Value& value);
  void record(const Value& value);
  // An element whose own type is told only if its container does not tell it.
  void element(const Value& value, const Type& declared) { format(inside(value), declared.kind == Kind::interface_); }

  BoundedText& out_;
  bool show_types_;
  bool show_names_;
};

void Formatter::format(const Value& value, bool with_type) {
  if (out_.overflow) return;
  if (value.is_pointer() && value.is_nil() && !(show_types_ && with_type)) return out_.append("<nil>");
  const std::string name(value.is_nil_interface() ? types::kAny.name : value.type().name);
  if (show_types_ && with_type)
    out_.append("(" + name + ")");
  else if (value.is_pointer())
    out_.append("<*>");
  body(value);
}

void Formatter::body(const Value& value) {
  std::string text;
  if (value.is_nil()) return out_.append("<nil>");
  if (value.type().text != nullptr) return out_.append(value.type().text(value));
  if (simple_text(value, text)) return out_.append(text);
  if (value.is_string()) return out_.append(value.as_string());
  if (value.kind() == Kind::list) return list(value);
  if (value.kind() == Kind::map) return map(value);
  if (value.kind() == Kind::record) return record(value);
  out_.append("0x0");
}

void Formatter::list(const Value& value) {
  out_.append("[");
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out_.append(" ");
    element(value.at(i), *value.type().elem);
  }
  out_.append("]");
}

void Formatter::map(const Value& value) {
  out_.append("map[");
  bool first = true;
  for (const auto& [key, held] : value.entries()) {
    if (!first) out_.append(" ");
    first = false;
    element(key, *value.type().key);
    out_.append(":");
    element(held, *value.type().elem);
  }
  out_.append("]");
}

void Formatter::record(const Value& value) {
  out_.append("{");
  const auto fields = value.type().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out_.append(" ");
    if (show_names_) out_.append(std::string(fields[i].name) + ":");
    format(inside(*value.field(fields[i].name)), true);
  }
  out_.append("}");
}

}  // namespace

void dump(BoundedText& out, const Value& value) {
  if (!value.valid() || value.is_nil_interface()) return out.append("(interface {}) <nil>\n");
  Dumper(out).dump(value.unbox());
  out.append("\n");
}

void format(BoundedText& out, const Value& value, bool show_types, bool show_names) {
  if (!value.valid() || value.is_nil_interface()) return out.append(show_types ? "(interface {})<nil>" : "<nil>");
  Formatter(out, show_types, show_names).format(value.unbox(), true);
}

}  // namespace longshore::tmpl::spew
