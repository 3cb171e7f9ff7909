// A text that is empty nearly always: one pointer. Thousands of dependencies have half a dozen of them and stand in a
// dozen tables; compared and copied, the empty ones cost no call.
#pragma once
#include <compare>
#include <memory>
#include <string>
#include <string_view>

namespace longshore::render {

class RareText {
 public:
  RareText() = default;
  // Whatever makes a text makes this one.
  RareText(std::string_view text) : text_(text.empty() ? nullptr : std::make_unique<std::string>(text)) {}
  RareText(const std::string& text) : RareText(std::string_view(text)) {}
  RareText(const char* text) : RareText(std::string_view(text)) {}
  RareText(const RareText& other) { *this = other; }
  RareText(RareText&& other) noexcept = default;
  RareText& operator=(const RareText& other) {
    if (this != &other) text_ = other.text_ == nullptr ? nullptr : std::make_unique<std::string>(*other.text_);
    return *this;
  }
  RareText& operator=(RareText&& other) noexcept = default;
  ~RareText() = default;

  bool empty() const { return text_ == nullptr; }
  const std::string& str() const {
    static const std::string kNone;
    return text_ == nullptr ? kNone : *text_;
  }
  operator const std::string&() const { return str(); }
  void clear() { text_.reset(); }

  friend bool operator==(const RareText& left, const RareText& right) {
    return left.text_ == right.text_ || left.str() == right.str();
  }
  friend std::strong_ordering operator<=>(const RareText& left, const RareText& right) {
    return left.text_ == right.text_ ? std::strong_ordering::equal : left.str() <=> right.str();
  }

 private:
  std::unique_ptr<std::string> text_;  // null: empty
};

}  // namespace longshore::render
