// fmt.Print, Println and Printf: the walk over operands and format strings.
#include "common/tmpl/text_tools.h"
#include "common/tmpl/value_print.h"

namespace longshore::tmpl {
namespace {

constexpr int kTooLarge = 1'000'000;  // for widths and precisions
constexpr std::size_t kErrorText = 64 << 10;

class FormatString {
 public:
  FormatString(BoundedText& out, std::string_view format, std::span<const Value> values)
      : printer_(out), format_(format), values_(values) {}

  void run() {
    while (at_ < format_.size()) {
      const auto percent = std::min(format_.find('%', at_), format_.size());
      printer_.write(format_.substr(at_, percent - at_));
      at_ = percent + 1;
      if (percent < format_.size() && !directive()) break;
    }
    if (!reordered_ && next_ < values_.size()) extra();
  }

 private:
  char current() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  bool flag(char c) {
    FormatFlags& flags = printer_.flags();
    switch (c) {
      case '#':
        flags.sharp = true;
        return true;
      case '0':
        flags.zero = true;
        return true;
      case '+':
        flags.plus = true;
        return true;
      case '-':
        flags.minus = true;
        return true;
      case ' ':
        flags.space = true;
        return true;
      default:
        return false;
    }
  }

  // One verb after the percent sign; false at the end of the format.
  bool directive() {
    FormatFlags& flags = printer_.flags();
    printer_.clear_flags();
    good_index_ = true;
    while (at_ < format_.size() && flag(format_[at_])) ++at_;
    bool after_index = index();
    if (current() == '*') {
      ++at_;
      flags.has_width = star(flags.width);
      if (!flags.has_width) printer_.write("%!(BADWIDTH)");
      if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
      }
      after_index = false;
    } else {
      flags.has_width = number(flags.width);
      if (after_index && flags.has_width) good_index_ = false;
    }
    if (at_ + 1 < format_.size() && format_[at_] == '.') {
      ++at_;
      if (after_index) good_index_ = false;
      after_index = index();
      if (current() == '*') {
        ++at_;
        flags.has_precision = star(flags.precision);
        if (flags.precision < 0) {
          flags.precision = 0;
          flags.has_precision = false;
        }
        if (!flags.has_precision) printer_.write("%!(BADPREC)");
        after_index = false;
      } else if (!number(flags.precision)) {
        flags.precision = 0;
        flags.has_precision = true;
      } else {
        flags.has_precision = true;
      }
    }
    if (!after_index) index();
    if (at_ >= format_.size()) {
      printer_.write("%!(NOVERB)");
      return false;
    }
    const DecodedRune verb = decode_rune(format_.substr(at_));
    at_ += verb.width;
    operand(static_cast<char32_t>(verb.value));
    return true;
  }

  void operand(char32_t verb) {
    if (verb == '%') return printer_.write("%");
    if (!good_index_) return complain(verb, "(BADINDEX)");
    if (next_ >= values_.size()) return complain(verb, "(MISSING)");
    FormatFlags& flags = printer_.flags();
    if (verb == 'v') {
      flags.sharp_v = flags.sharp;
      flags.sharp = false;
      flags.plus_v = flags.plus;
      flags.plus = false;
    }
    printer_.argument(values_[next_++], verb);
  }

  void complain(char32_t verb, std::string_view what) {
    printer_.write("%!");
    printer_.write_rune(static_cast<std::int32_t>(verb));
    printer_.write(what);
  }

  // Decimal digits at the current position, up to `end`. An absurd number swallows the rest of the format, as in Go.
  bool number(int& out, std::size_t end) {
    out = 0;
    bool found = false;
    if (at_ >= end) {
      at_ = end;
      return false;
    }
    for (; at_ < end && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      if (out > kTooLarge) {
        at_ = end;
        out = 0;
        return false;
      }
      out = out * 10 + (format_[at_] - '0');
      found = true;
    }
    return found;
  }
  bool number(int& out) { return number(out, format_.size()); }

  // A width or precision from the operands.
  bool star(int& out) {
    out = 0;
    if (next_ >= values_.size()) return false;
    const Value& value = values_[next_++];
    if (!value.is_integer()) return false;
    const std::int64_t wanted = value.as_int();
    const bool negative_unsigned = value.is_unsigned() && wanted < 0;
    if (negative_unsigned || wanted > kTooLarge || wanted < -kTooLarge) return false;
    out = static_cast<int>(wanted);
    return true;
  }

  // [n] before a star or a verb.
  bool index() {
    if (current() != '[') return false;
    reordered_ = true;
    const auto close = format_.find(']', at_);
    if (format_.size() - at_ < 3 || close == std::string_view::npos) {
      good_index_ = false;
      ++at_;
      return false;
    }
    ++at_;
    int position = 0;
    const bool found = number(position, close) && at_ == close;
    at_ = close + 1;
    if (found && position >= 1 && static_cast<std::size_t>(position) <= values_.size()) {
      next_ = static_cast<std::size_t>(position) - 1;
      return true;
    }
    good_index_ = false;
    return found;
  }

  void extra() {
    printer_.clear_flags();
    printer_.write("%!(EXTRA ");
    for (std::size_t i = next_; i < values_.size(); ++i) {
      if (i != next_) printer_.write(", ");
      const Value& value = values_[i];
      printer_.write(value.type_name());
      if (!value.valid() || value.is_nil_interface()) continue;
      printer_.write("=");
      printer_.argument(value, 'v');
    }
    printer_.write(")");
  }

  ValuePrinter printer_;
  std::string_view format_;
  std::span<const Value> values_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool good_index_ = true;
  bool reordered_ = false;
};

}  // namespace

bool print_value(BoundedText& out, const Value& value) {
  switch (value.kind()) {
    case Kind::invalid:
    case Kind::interface_:
      out.append("<no value>");
      return true;
    case Kind::string:
      out.append(value.as_string());
      return true;
    case Kind::channel:
    case Kind::function:
      if (value.type().text == nullptr) return false;
      break;
    default:
      break;
  }
  if (value.type().text_by_address) {
    out.append(value.type().text(value));
    return true;
  }
  ValuePrinter printer(out);
  if (value.is_pointer() && !value.is_nil() && value.type().text == nullptr) {
    // The struct itself: no ampersand.
    BoundedText whole(out.limit - out.text.size());
    ValuePrinter(whole).argument(value, 'v');
    out.append(std::string_view(whole.text).substr(1));
    out.overflow |= whole.overflow;
    return true;
  }
  printer.argument(value, 'v');
  return true;
}

void print(BoundedText& out, std::span<const Value> values) {
  ValuePrinter printer(out);
  bool after_string = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_string = values[i].is_string();
    if (i > 0 && !is_string && !after_string) printer.write(" ");
    printer.argument(values[i], 'v');
    after_string = is_string;
  }
}

void println(BoundedText& out, std::span<const Value> values) {
  ValuePrinter printer(out);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) printer.write(" ");
    printer.argument(values[i], 'v');
  }
  printer.write("\n");
}

void printf(BoundedText& out, std::string_view format, std::span<const Value> values) {
  FormatString(out, format, values).run();
}

std::string to_text(const Value& value, char32_t verb) {
  BoundedText out(kErrorText);
  ValuePrinter(out).argument(value, verb);
  return out.text;
}

}  // namespace longshore::tmpl
