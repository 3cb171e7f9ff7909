// What a template has to say to people about the data: a route that it leaves out, a certificate that it cannot use.
// Template function `remark`. Pure.
#pragma once
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace longshore::render {

class Remarks {
 public:
  // Each text once; cut after 300 bytes, control bytes as spaces. From the 201st on they are only counted.
  void add(std::string_view text);

  const std::set<std::string>& texts() const { return texts_; }
  std::size_t more() const { return more_; }
  std::size_t size() const { return texts_.size() + more_; }
  bool operator==(const Remarks&) const = default;

 private:
  std::set<std::string> texts_;
  std::size_t more_ = 0;
};

}  // namespace longshore::render
