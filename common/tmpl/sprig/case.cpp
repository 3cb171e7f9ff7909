// title untitle swapcase initials camelcase snakecase kebabcase
#include "common/tmpl/sprig/rune_classes.h"
#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;

template <class Map>
Value map_runes(std::string_view text, Map map) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune rune = decode_rune(text);
    append_rune(out, map(rune.value));
    text.remove_prefix(rune.width);
  }
  return Value::string(std::move(out));
}

bool is_word_rune(std::int32_t rune) {
  if (rune > 0x7F) return is_letter(rune) || is_digit(rune) || !is_space(rune);
  return (rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z') || rune == '_';
}

Result<Value> title(Call&, Args args) {
  std::int32_t previous = ' ';
  return map_runes(args[0].as_string(), [&previous](std::int32_t rune) {
    const bool starts = !is_word_rune(previous);
    previous = rune;
    return starts ? to_title(rune) : rune;
  });
}

Result<Value> untitle(Call&, Args args) {
  bool next = true;
  return map_runes(args[0].as_string(), [&next](std::int32_t rune) {
    if (is_space(rune)) {
      next = true;
      return rune;
    }
    const bool starts = next;
    next = false;
    return starts ? to_lower(rune) : rune;
  });
}

Result<Value> swapcase(Call&, Args args) {
  bool after_space = true;
  return map_runes(args[0].as_string(), [&after_space](std::int32_t rune) {
    if (is_upper(rune) || is_title(rune)) {
      after_space = false;
      return to_lower(rune);
    }
    if (!is_lower(rune)) {
      after_space = is_space(rune);
      return rune;
    }
    const bool starts = after_space;
    after_space = false;
    return starts ? to_title(rune) : to_upper(rune);
  });
}

// Bytes, each written as a character, as in goutils.
Result<Value> initials(Call&, Args args) {
  std::string out;
  bool gap = true;
  for (const char c : args[0].as_string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (!is_space(byte) && gap) append_rune(out, byte);
    gap = is_space(byte);
  }
  return Value::string(std::move(out));
}

bool is_connector(std::int32_t rune) {
  return rune == '-' || rune == '_' || is_space(rune);
}

std::int32_t take(std::string_view& text) {
  const DecodedRune rune = decode_rune(text);
  text.remove_prefix(rune.width);
  return rune.value;
}

// github.com/huandu/xstrings 1.5, ToPascalCase: connectors go, except at the ends; of several one goes.
Result<Value> camelcase(Call&, Args args) {
  std::string_view text = args[0].as_string();
  std::string out;
  std::int32_t current = 0;
  bool lowering = false;  // in a run of capitals after the first one
  if (text.empty()) return args[0];
  while (!text.empty()) {
    current = take(text);
    if (!is_connector(current)) {
      lowering = is_upper(current);
      current = to_upper(current);
      break;
    }
    append_rune(out, current);
  }
  if (text.empty()) {
    append_rune(out, current);
    return Value::string(std::move(out));
  }
  while (!text.empty()) {
    const std::int32_t previous = current;
    current = take(text);
    if (is_connector(previous)) {
      if (is_connector(current)) {
        append_rune(out, previous);
        continue;
      }
      lowering = is_upper(current);
      current = to_upper(current);
      continue;
    }
    lowering = lowering && is_upper(current);
    if (lowering) current = to_lower(current);
    append_rune(out, previous);
  }
  append_rune(out, current);
  return Value::string(std::move(out));
}

enum class WordKind { none, number, upper, alphabet, connector, punctuation, other };

struct Word {
  WordKind kind = WordKind::none;
  std::string_view text;
};

// Letters of scripts that are written without spaces do not make words.
bool is_alphabet(std::int32_t rune) {
  if (!is_letter(rune)) return false;
  return !(rune >= 0x4E00 && rune <= 0x9FCC) && !(rune >= 0x3400 && rune <= 0x4D85) &&
         !(rune >= 0x20000 && rune <= 0x2B81D);
}

WordKind kind_of(std::int32_t rune) {
  if (is_connector(rune)) return WordKind::connector;
  if (is_punctuation(rune)) return WordKind::punctuation;
  if (is_upper(rune)) return WordKind::upper;
  if (is_alphabet(rune)) return WordKind::alphabet;
  if (is_number(rune)) return WordKind::number;
  return WordKind::other;
}

Word next_word(std::string_view& rest) {
  if (rest.empty()) return {};
  const std::string_view whole = rest;
  const WordKind kind = kind_of(take(rest));
  const auto skip = [&rest](WordKind wanted) {
    std::size_t last = 0;
    while (!rest.empty() && kind_of(decode_rune(rest).value) == wanted) {
      last = decode_rune(rest).width;
      rest.remove_prefix(last);
    }
    return last;
  };
  if (kind != WordKind::upper) {
    skip(kind);
  } else if (!rest.empty() && kind_of(decode_rune(rest).value) == WordKind::upper) {
    // Of "HTTPStatus" the S belongs to the next word.
    const std::size_t last = skip(WordKind::upper);
    if (!rest.empty() && is_alphabet(decode_rune(rest).value)) rest = whole.substr(whole.size() - rest.size() - last);
  } else {
    skip(WordKind::alphabet);
  }
  return {kind, whole.substr(0, whole.size() - rest.size())};
}

class LowerCase {
 public:
  explicit LowerCase(char connector) : connector_(connector) {}
  std::string convert(std::string_view text);

 private:
  void write(const Word& word);
  void connect() { out_ += connector_; }
  bool joins(const Word& word) const { return word.kind != WordKind::connector && word.kind != WordKind::punctuation; }
  void after_word(Word& word, std::string_view& rest);

  char connector_;
  std::string out_;
};

void LowerCase::write(const Word& word) {
  if (word.kind != WordKind::upper && word.kind != WordKind::connector) {
    out_ += word.text;
    return;
  }
  for (std::string_view text = word.text; !text.empty();) {
    const std::int32_t rune = take(text);
    append_rune(out_, is_connector(rune) ? connector_ : to_lower(rune));
  }
}

// `word` follows a word of letters.
void LowerCase::after_word(Word& word, std::string_view& rest) {
  if (word.kind != WordKind::number) {
    if (joins(word)) connect();
    return;
  }
  if (rest.empty()) return;
  const Word number = word;
  word = next_word(rest);
  if (word.kind != WordKind::alphabet) {
    write(number);  // the number belongs to the word before: bld4_floor
    if (joins(word)) connect();
    return;
  }
  connect();  // small letters after the number: http_2xx
  write(number);
  while (word.kind == WordKind::alphabet || word.kind == WordKind::number) {
    write(word);
    word = next_word(rest);
  }
  if (word.kind != WordKind::none && joins(word)) connect();
}

std::string LowerCase::convert(std::string_view rest) {
  Word word = next_word(rest);
  while (!rest.empty()) {
    const Word previous = word;
    if (previous.kind != WordKind::connector) write(previous);
    word = next_word(rest);
    if (previous.kind == WordKind::connector) {
      write(previous);
    } else if (previous.kind == WordKind::number) {
      while (word.kind == WordKind::alphabet || word.kind == WordKind::number) {
        write(word);
        word = next_word(rest);
      }
      if (word.kind != WordKind::none && joins(word)) connect();
    } else if (previous.kind != WordKind::punctuation) {
      after_word(word, rest);
    }
  }
  write(word);
  return std::move(out_);
}

template <char Connector>
Result<Value> lower_case(Call&, Args args) {
  return Value::string(LowerCase(Connector).convert(args[0].as_string()));
}

}  // namespace

void add_case(FunctionTable& table) {
  add(table, "title", {&kString}, title);
  add(table, "untitle", {&kString}, untitle);
  add(table, "swapcase", {&kString}, swapcase);
  add(table, "initials", {&kString}, initials);
  add(table, "camelcase", {&kString}, camelcase);
  add(table, "snakecase", {&kString}, lower_case<'_'>);
  add(table, "kebabcase", {&kString}, lower_case<'-'>);
}

}  // namespace longshore::tmpl::sprig
