#include "common/tmpl/sprig/version.h"

#include <re2/re2.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/tmpl/numbers.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool allowed_part(std::string_view part) {
  return part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789") ==
         std::string_view::npos;
}

Result<std::uint64_t> segment(const std::string& text) {
  if (text.empty()) return 0;
  const std::string digits = text.starts_with('.') ? text.substr(1) : text;
  const auto number = parse_uint(digits, 10);
  if (number) return *number;
  return bad("Error parsing version segment: strconv.ParseUint: parsing \"" + digits + "\": value out of range");
}

template <class T>
int three_way(const T& left, const T& right) {
  return left < right ? -1 : right < left ? 1 : 0;
}

// Numbers are below words; nothing is below everything.
int compare_parts(std::string_view left, std::string_view right) {
  if (left == right) return 0;
  if (left.empty()) return -1;
  if (right.empty()) return 1;
  const auto a = parse_uint(left, 10);
  const auto b = parse_uint(right, 10);
  if (a && b) return three_way(*a, *b);
  if (a.has_value() != b.has_value()) return a ? -1 : 1;
  return three_way(left, right);
}

}  // namespace

Result<std::string> checked_prerelease(std::string_view text) {
  for (const std::string& part : base::split(text, '.')) {
    if (all_digits(part)) {
      if (part.size() > 1 && part.front() == '0') return bad("Version segment starts with 0");
    } else if (!allowed_part(part)) {
      return bad("Invalid Prerelease string");
    }
  }
  return std::string(text);
}

Result<std::string> checked_metadata(std::string_view text) {
  for (const std::string& part : base::split(text, '.'))
    if (!allowed_part(part)) return bad("Invalid Metadata string");
  return std::string(text);
}

Result<Version> parse_version(std::string_view text) {
  static const RE2 pattern(
      "v?([0-9]+)(\\.[0-9]+)?(\\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?"
      "(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");
  Version out;
  std::string major;
  std::string minor;
  std::string patch;
  out.original = text;
  if (!RE2::FullMatch(out.original, pattern, &major, &minor, &patch, &out.prerelease, &out.metadata))
    return bad("Invalid Semantic Version");
  LS_TRY(first, segment(major));
  LS_TRY(second, segment(minor));
  LS_TRY(third, segment(patch));
  out.major = first;
  out.minor = second;
  out.patch = third;
  if (!out.prerelease.empty()) LS_TRY_STATUS(checked_prerelease(out.prerelease));
  return out;
}

std::string to_string(const Version& version) {
  std::string out =
      std::to_string(version.major) + '.' + std::to_string(version.minor) + '.' + std::to_string(version.patch);
  if (!version.prerelease.empty()) out += '-' + version.prerelease;
  if (!version.metadata.empty()) out += '+' + version.metadata;
  return out;
}

int compare_prereleases(std::string_view left, std::string_view right) {
  const auto a = base::split(left, '.');
  const auto b = base::split(right, '.');
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const int order = compare_parts(i < a.size() ? a[i] : "", i < b.size() ? b[i] : "");
    if (order != 0) return order;
  }
  return 0;
}

int compare(const Version& left, const Version& right) {
  if (const int order = three_way(left.major, right.major); order != 0) return order;
  if (const int order = three_way(left.minor, right.minor); order != 0) return order;
  if (const int order = three_way(left.patch, right.patch); order != 0) return order;
  if (left.prerelease.empty() || right.prerelease.empty())
    return three_way(left.prerelease.empty(), right.prerelease.empty());
  return compare_prereleases(left.prerelease, right.prerelease);
}

}  // namespace longshore::tmpl::sprig
