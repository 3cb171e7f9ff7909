#include "common/tmpl/registrator/json_path.h"

#include <charconv>
#include <string>

#include "common/tmpl/json_text.h"

namespace longshore::tmpl::registrator {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Walks over a text without building anything; nesting is counted, not recursed into.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) { skip_space(); }

  bool at(char c) const { return rest_.starts_with(c); }
  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  // The whole text of the value that starts here; nothing if there is none.
  std::optional<std::string_view> value() {
    const std::size_t size = at('"') ? string_size() : at('{') || at('[') ? block_size() : word_size();
    if (size == 0) return std::nullopt;
    const std::string_view whole = rest_.substr(0, size);
    rest_.remove_prefix(size);
    skip_space();
    return whole;
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }

  // Each: 0 if there is no end.
  std::size_t string_size(std::size_t from = 0) const {
    for (std::size_t i = from + 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\')
        ++i;
      else if (rest_[i] == '"')
        return i + 1 - from;
    }
    return 0;
  }
  std::size_t block_size() const {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') {
        const std::size_t size = string_size(i);
        if (size == 0) return 0;
        i += size - 1;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return i + 1;
      }
    }
    return 0;
  }
  std::size_t word_size() const {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(",]} \t\r\n"));
    if (word == "true" || word == "false" || word == "null") return word.size();
    return word.find_first_not_of("0123456789+-.eE") == std::string_view::npos ? word.size() : 0;
  }

  std::string_view rest_;
};

bool same_key(std::string_view quoted, std::string_view key) {
  const std::string_view raw = quoted.substr(1, quoted.size() - 2);
  if (raw.find('\\') == std::string_view::npos) return raw == key;
  const auto unescaped = read_json(quoted);
  return unescaped && unescaped->is_string() && unescaped->as_string() == key;
}

std::optional<std::string_view> member(std::string_view object, std::string_view key) {
  Scanner scan(object);
  if (!scan.take('{')) return std::nullopt;
  while (scan.at('"')) {
    const auto name = scan.value();
    if (!name || !scan.take(':')) return std::nullopt;
    const auto value = scan.value();
    if (!value) return std::nullopt;
    if (same_key(*name, key)) return value;
    if (!scan.take(',')) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string_view> element(std::string_view array, std::string_view key) {
  std::size_t index = 0;
  const char* const end = key.data() + key.size() - 1;
  if (key.size() < 3 || std::from_chars(key.data() + 1, end, index).ptr != end || *end != ']') return std::nullopt;
  Scanner scan(array);
  if (!scan.take('[')) return std::nullopt;
  for (;; --index) {
    const auto value = scan.value();
    if (!value || index == 0) return value;
    if (!scan.take(',')) return std::nullopt;
  }
}

}  // namespace

std::optional<std::string_view> json_at(std::string_view text, std::span<const std::string_view> path) {
  std::optional<std::string_view> found = Scanner(text).value();
  for (const std::string_view key : path) {
    if (!found) return std::nullopt;
    found = key.starts_with('[') ? element(*found, key) : member(*found, key);
  }
  if (found && found->starts_with('"')) return found->substr(1, found->size() - 2);
  return found;
}

}  // namespace longshore::tmpl::registrator
