#include "common/tmpl/go_strings.h"

#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::strings {

std::vector<std::string_view> split(std::string_view text, std::string_view separator, std::int64_t limit) {
  std::vector<std::string_view> parts;
  if (limit == 0) return parts;
  const auto full = [&] { return limit > 0 && parts.size() + 1 >= static_cast<std::uint64_t>(limit); };
  if (separator.empty()) {
    while (!text.empty() && !full()) {
      parts.push_back(text.substr(0, decode_rune(text).width));
      text.remove_prefix(parts.back().size());
    }
    if (!text.empty()) parts.push_back(text);
    return parts;
  }
  for (std::size_t at = find_text(text, separator); at != std::string_view::npos && !full();
       at = find_text(text, separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

std::string_view trim_space(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune first = decode_rune(text);
    if (!is_space(first.value)) break;
    text.remove_prefix(first.width);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (!is_space(decode_rune(text.substr(start)).value)) break;
    text = text.substr(0, start);
  }
  return text;
}

Result<std::string> replace(Call& call, std::string_view text, std::string_view from, std::string_view to,
                            std::int64_t limit) {
  std::string out;
  for (; limit != 0; --limit) {
    LS_TRY_STATUS(call.check_size(out.size() + to.size()));
    if (from.empty()) {
      out += to;
      if (text.empty()) return out;
      const std::size_t width = decode_rune(text).width;
      out += text.substr(0, width);
      text.remove_prefix(width);
      continue;
    }
    const std::size_t at = find_text(text, from);
    if (at == std::string_view::npos) break;
    out += text.substr(0, at);
    out += to;
    text.remove_prefix(at + from.size());
  }
  out += text;
  return out;
}

Result<std::string> repeat(Call& call, std::string_view text, std::int64_t count) {
  if (count < 0) return base::fail(Errc::template_error, "strings: negative Repeat count");
  std::uint64_t size = 0;
  if (__builtin_mul_overflow(text.size(), static_cast<std::uint64_t>(count), &size)) size = SIZE_MAX;
  LS_TRY_STATUS(call.check_size(size));
  std::string out;
  out.reserve(size);
  for (std::int64_t done = 0; done < count && !text.empty(); ++done) out += text;
  return out;
}

}  // namespace longshore::tmpl::strings
