#include "common/tmpl/text_tools.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "common/tmpl/unicode_tables.h"

namespace longshore::tmpl {
namespace {

bool in(std::span<const unicode::Range> ranges, std::int32_t rune) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), rune,
                       [](std::int32_t value, const unicode::Range& range) { return value < range.first; });
  return after != ranges.begin() && rune <= std::prev(after)->last;
}

const unicode::CaseRun* find_run(std::span<const unicode::CaseRun> runs, std::int32_t rune) {
  auto after = std::upper_bound(runs.begin(), runs.end(), rune,
                                [](std::int32_t value, const unicode::CaseRun& run) { return value < run.first; });
  // Runs with a stride may interleave, so a few predecessors are candidates.
  for (int tries = 0; after != runs.begin() && tries < 3; ++tries) {
    --after;
    if (rune <= after->last && (rune - after->first) % after->stride == 0) return &*after;
  }
  return nullptr;
}

std::int32_t mapped(std::span<const unicode::CaseRun> runs, std::int32_t rune) {
  const unicode::CaseRun* run = find_run(runs, rune);
  return run == nullptr ? rune : rune + run->delta;
}

}  // namespace

DecodedRune decode_rune(std::string_view text) {
  if (text.empty()) return {kRuneError, 0};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::int32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::uint32_t length = 0;
  std::int32_t value = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    value = first & 0x1F;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    value = first & 0x0F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    value = first & 0x07;
  } else {
    return {kRuneError, 1};
  }
  if (text.size() < length) return {kRuneError, 1};
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {kRuneError, 1};
    value = (value << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || !valid_rune(value)) return {kRuneError, 1};
  return {value, length};
}

std::size_t find_text(std::string_view text, std::string_view wanted) {
  if (wanted.empty()) return 0;
  if (text.empty()) return std::string_view::npos;  // memmem takes no null pointer
  const void* found = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t rune_count(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    if (static_cast<unsigned char>(text[0]) < 0x80)
      text.remove_prefix(1);
    else
      text.remove_prefix(decode_rune(text).width);
    ++count;
  }
  return count;
}

bool valid_rune(std::int32_t rune) {
  return (rune >= 0 && rune < 0xD800) || (rune > 0xDFFF && rune <= 0x10FFFF);
}

void append_rune(std::string& out, std::int32_t rune) {
  if (!valid_rune(rune)) rune = kRuneError;
  const auto put = [&](std::int32_t byte) { out += static_cast<char>(byte); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xC0 | (rune >> 6));
    put(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    put(0xE0 | (rune >> 12));
    put(0x80 | ((rune >> 6) & 0x3F));
    put(0x80 | (rune & 0x3F));
  } else {
    put(0xF0 | (rune >> 18));
    put(0x80 | ((rune >> 12) & 0x3F));
    put(0x80 | ((rune >> 6) & 0x3F));
    put(0x80 | (rune & 0x3F));
  }
}

bool is_letter(std::int32_t rune) {
  if (rune < 0x80) return (rune >= 'a' && rune <= 'z') || (rune >= 'A' && rune <= 'Z');
  return in(unicode::letters(), rune);
}

bool is_digit(std::int32_t rune) {
  if (rune < 0x80) return rune >= '0' && rune <= '9';
  return in(unicode::digits(), rune);
}

bool is_printable(std::int32_t rune) {
  if (rune < 0x80) return rune >= 0x20 && rune < 0x7F;
  return in(unicode::printables(), rune);
}

bool is_space(std::int32_t rune) {
  switch (rune) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case ' ':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return rune >= 0x2000 && rune <= 0x200A;
  }
}

std::int32_t to_upper(std::int32_t rune) {
  if (rune < 0x80) return rune >= 'a' && rune <= 'z' ? rune - 32 : rune;
  return mapped(unicode::upper(), rune);
}

std::int32_t to_lower(std::int32_t rune) {
  if (rune < 0x80) return rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
  return mapped(unicode::lower(), rune);
}

std::int32_t to_title(std::int32_t rune) {
  const unicode::CaseRun* run = find_run(unicode::title(), rune);
  return run == nullptr ? to_upper(rune) : rune + run->delta;
}

}  // namespace longshore::tmpl
