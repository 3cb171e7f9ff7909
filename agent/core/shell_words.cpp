#include "agent/core/shell_words.h"

namespace longshore::agent {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  std::optional<std::vector<std::string>> run() {
    while (at_ < line_.size())
      if (!step(line_[at_++])) return std::nullopt;
    finish();
    return std::move(words_);
  }

 private:
  bool step(char c) {
    if (is_space(c)) {
      finish();
      return true;
    }
    if (c == '\'') return single_quoted();
    if (c == '"') return double_quoted();
    if (c == '\\') return escaped();
    constexpr std::string_view kShellOnly = "|&;<>()$`*?[";
    if (kShellOnly.find(c) != std::string_view::npos) return false;
    // A comment, a home directory, an assignment before the command.
    if (!open_ && (c == '#' || c == '~')) return false;
    if (c == '=' && words_.empty()) return false;
    put(c);
    return true;
  }

  bool single_quoted() {
    const std::size_t end = line_.find('\'', at_);
    if (end == std::string_view::npos) return false;
    word_ += line_.substr(at_, end - at_);
    open_ = true;
    at_ = end + 1;
    return true;
  }

  bool double_quoted() {
    open_ = true;
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '"') return true;
      if (c == '$' || c == '`') return false;
      // Only these lose their backslash inside double quotes.
      constexpr std::string_view kEscapable = "\\\"$`";
      if (c == '\\' && at_ < line_.size() && kEscapable.find(line_[at_]) != std::string_view::npos)
        word_ += line_[at_++];
      else
        word_ += c;
    }
    return false;
  }

  bool escaped() {
    if (at_ == line_.size()) return false;
    const char c = line_[at_++];
    if (c != '\n') put(c);  // a backslash before a line break joins the lines
    return true;
  }

  void put(char c) {
    word_ += c;
    open_ = true;
  }

  void finish() {
    if (open_) words_.push_back(std::move(word_));
    word_.clear();
    open_ = false;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  std::string word_;
  bool open_ = false;  // a word has begun, be it an empty one
};

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  return Splitter(line).run();
}

std::vector<std::string> command_of(std::string_view line) {
  auto words = split_words(line);
  if (words && !words->empty()) return std::move(*words);
  return {"/bin/sh", "-c", std::string(line)};
}

}  // namespace longshore::agent
