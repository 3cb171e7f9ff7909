#include "common/main/why_question.h"

#include <algorithm>
#include <charconv>

#include "common/base/text.h"

namespace longshore::app {
namespace {

// What separates words in configuration files of proxies, env files, JSON and URLs.
constexpr std::string_view kSeparators = " \t\r\n;,'\"(){}<>=/@";

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(kSeparators);
    if (start == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(kSeparators, start), text.size());
    tokens.emplace_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
  return tokens;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  return problem == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

bool is_address(std::string_view token) {
  const std::size_t colon = token.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !is_port(token.substr(colon + 1))) return false;
  const std::string_view host = token.substr(0, colon);
  if (host.starts_with('[')) return host.ends_with(']') && host.size() > 2;
  return host.find(':') == std::string_view::npos;
}

}  // namespace

WhyQuestion parse_why(std::string_view text) {
  WhyQuestion question;
  question.asked = base::trim(text);
  const std::vector<std::string> tokens = tokens_of(text);
  for (const std::string& token : tokens)
    if (is_address(token) && std::ranges::find(question.addresses, token) == question.addresses.end())
      question.addresses.push_back(token);
  const bool one_word = question.asked.find_first_of(" \t") == std::string::npos;
  if (one_word && !question.asked.empty())
    question.words = {question.asked};
  else if (question.addresses.empty())
    question.words = tokens;
  return question;
}

FileLine parse_file_line(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const std::string_view digits = text.substr(colon + 1);
  FileLine out;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), out.line);
  if (problem != std::errc() || end != digits.data() + digits.size() || out.line == 0) return {};
  out.path = text.substr(0, colon);
  return out;
}

}  // namespace longshore::app
