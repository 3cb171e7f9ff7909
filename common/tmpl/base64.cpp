#include "common/tmpl/base64.h"

#include <cstdint>

namespace longshore::tmpl {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_break(char c) {
  return c == '\n' || c == '\r';
}

std::unexpected<Error> corrupt(std::size_t at) {
  return fail(Errc::template_error, "illegal base64 data at input byte " + std::to_string(at));
}

}  // namespace

std::string base64_encode(std::string_view bytes, bool url_alphabet) {
  const std::string_view alphabet = url_alphabet ? kUrl : kStandard;
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const auto byte = [&](std::size_t k) -> std::uint32_t {
      return k < left ? static_cast<unsigned char>(bytes[i + k]) : 0;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += alphabet[group >> 18 & 63];
    out += alphabet[group >> 12 & 63];
    out += left > 1 ? alphabet[group >> 6 & 63] : '=';
    out += left > 2 ? alphabet[group & 63] : '=';
  }
  return out;
}

Result<std::string> base64_decode(std::string_view text, bool url_alphabet) {
  const std::string_view alphabet = url_alphabet ? kUrl : kStandard;
  std::string out;
  std::size_t at = 0;
  const auto skip_breaks = [&] {
    while (at < text.size() && is_break(text[at])) ++at;
  };
  for (;;) {
    std::uint32_t group = 0;
    int digits = 0;
    for (; digits < 4; ++digits) {
      skip_breaks();
      if (at == text.size()) {
        if (digits == 0) return out;
        return corrupt(at - static_cast<std::size_t>(digits));
      }
      if (text[at] == '=') break;
      const std::size_t value = alphabet.find(text[at]);
      if (value == std::string_view::npos) return corrupt(at);
      group = group << 6 | static_cast<std::uint32_t>(value);
      ++at;
    }
    if (digits == 4) {
      out += static_cast<char>(group >> 16);
      out += static_cast<char>(group >> 8 & 0xFF);
      out += static_cast<char>(group & 0xFF);
      continue;
    }
    // Padding ends the text.
    if (digits < 2) return corrupt(at);
    ++at;
    if (digits == 2) {
      skip_breaks();
      if (at == text.size()) return corrupt(text.size());
      if (text[at] != '=') return corrupt(at - 1);
      ++at;
    }
    skip_breaks();
    if (at < text.size()) return corrupt(at);
    group <<= 6 * (4 - digits);
    out += static_cast<char>(group >> 16);
    if (digits == 3) out += static_cast<char>(group >> 8 & 0xFF);
    return out;
  }
}

}  // namespace longshore::tmpl
