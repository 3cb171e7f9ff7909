#include "renderer/apply/removal.h"

#include <algorithm>
#include <vector>

namespace longshore::render::apply {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

bool of_address(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == ':' || c == '[' ||
         c == ']' || c == '_';
}

// Words with a port at their end, sorted.
std::vector<std::string_view> addresses_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    if (!of_address(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && of_address(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    std::size_t port = word.size();
    while (port > 0 && digit(word[port - 1])) --port;
    if (port > 1 && port < word.size() && word[port - 1] == ':') out.push_back(word);
    at = end;
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

bool loses_addresses(std::string_view before, std::string_view after) {
  return !std::ranges::includes(addresses_of(after), addresses_of(before));
}

}  // namespace longshore::render::apply
