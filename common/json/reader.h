// Reads a JSON text from front to back without building it: for large answers of which little is used. The callers'
// functions take each member or item with one of the reading functions, or skip() it.
//
// The first error stays and makes everything after it empty, so that callers check once, at the end. As in fields.h a
// null is the type's empty value and a wrong type is a protocol error that names its path. Skipped parts are checked
// for balance only. Nesting is bounded by kMaxDepth.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace longshore::json {

class Reader {
 public:
  // Both outlive this; `what` names the document in errors, "" = paths begin with the first member.
  Reader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  // A string without its escapes; malformed UTF-8 is an error.
  std::string text();
  std::int64_t integer();
  std::uint64_t unsigned_integer();
  bool boolean();
  std::vector<std::string> texts();
  void skip();
  // skip(), and the text of what was skipped.
  std::string_view raw();
  // Where the next value begins, and the text from such a place to here.
  std::size_t place() { return peek(), at_; }
  std::string_view since(std::size_t place) const { return text_.substr(place, at_ - place); }
  // The next `length` bytes from there; fewer at the end. pass() takes them: the caller knows that they are one value.
  std::string_view ahead(std::size_t length) { return text_.substr(place(), length); }
  void pass(std::size_t length) { at_ += length; }
  // True and taken if the next value is null.
  bool null();

  // on_member(std::string_view key) takes the member's value. False: it was null.
  template <class OnMember>
  bool object(OnMember on_member) {
    if (null()) return false;
    if (!enter('{', "an object")) return false;
    for (bool first = true; next('}', first); first = false) {
      const std::string_view key = member_name();
      if (failed_) break;
      path_.push_back({key, 0});
      on_member(key);
      path_.pop_back();
    }
    --depth_;
    return !failed_;
  }
  // on_item() takes the item. False: it was null.
  template <class OnItem>
  bool array(OnItem on_item) {
    if (null()) return false;
    if (!enter('[', "an array")) return false;
    for (std::size_t index = 0; next(']', index == 0); ++index) {
      path_.push_back({{}, index});
      on_item();
      path_.pop_back();
    }
    --depth_;
    return !failed_;
  }

  // An error of the caller's own about the value at hand; "path: text".
  void refuse(std::string text);
  bool ok() const { return !failed_; }
  // After the whole document: the first error, or what follows the document.
  Status finish();

 private:
  struct Step {
    std::string_view key;  // no data: an index
    std::size_t index;
  };

  char peek();
  bool enter(char bracket, const char* expected);
  bool next(char end, bool first);
  std::string_view member_name();
  std::string_view raw_string();
  std::string unescape(std::string_view raw);
  std::string_view number();
  void wrong(const char* expected);
  void malformed(const char* reason);
  std::string path() const;
  void stop(Errc code, std::string text);

  std::string_view text_;
  std::string_view what_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  Error error_;
  std::vector<Step> path_;
  std::deque<std::string> names_;  // of members, where they had escapes
};

}  // namespace longshore::json
