#include <re2/re2.h>

#include "common/tmpl/go_strings.h"
#include "common/tmpl/sprig/version.h"

namespace longshore::tmpl::sprig {
namespace {

std::unexpected<Error> improper(std::string_view text) {
  return base::fail(Errc::template_error, "improper constraint: " + std::string(text));
}

// Groups: major, minor, patch, prerelease with its dash, metadata with its plus.
const std::string kVersion =
    "v?([0-9|xX*]+)(\\.[0-9|xX*]+)?(\\.[0-9|xX*]+)?(-(?:[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?"
    "(\\+(?:[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?";
// The order decides which one matches at a place where several can.
const std::string kOperations = "=||!=|>|<|>=|=>|<=|=<|~|~>|\\^";

bool is_wildcard(std::string_view part) {
  if (part.starts_with('.')) part.remove_prefix(1);
  return part.empty() || part == "x" || part == "X" || part == "*";
}

// "A - B" is ">= A, <= B".
std::string without_ranges(std::string_view text) {
  static const RE2 range("\\s*(" + kVersion + ")\\s+-\\s+(" + kVersion + ")\\s*");
  std::string out(text);
  RE2::GlobalReplace(&out, range, ">= \\1, <= \\7 ");
  return out;
}

}  // namespace

Result<Constraints> Constraints::parse(std::string_view text) {
  static const std::string one = "\\s*(?:" + kOperations + ")\\s*(?:" + kVersion + ")\\s*";
  static const RE2 valid("(?:" + one + ")(?:(?:\\s+|,\\s*)(?:" + kOperations + ")\\s*(?:" + kVersion + ")\\s*)*");
  static const RE2 find("((?:" + kOperations + ")\\s*(?:" + kVersion + "))");
  Constraints out;
  const std::string rewritten = without_ranges(text);
  for (const std::string_view alternative : strings::split(rewritten, "||")) {
    const re2::StringPiece piece(alternative.data(), alternative.size());
    if (!RE2::FullMatch(piece, valid)) return improper(alternative);
    std::vector<Part> parts;
    re2::StringPiece rest = piece;
    std::string found;
    while (RE2::FindAndConsume(&rest, find, &found)) {
      LS_TRY(part, parse_part(found));
      parts.push_back(std::move(part));
    }
    out.alternatives_.push_back(std::move(parts));
  }
  return out;
}

Result<Constraints::Part> Constraints::parse_part(std::string_view text) {
  static const RE2 pattern("\\s*(" + kOperations + ")\\s*(" + kVersion + ")\\s*");
  Part out;
  std::string written;
  std::string major;
  std::string minor;
  std::string patch;
  std::string prerelease;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern, &out.operation, &written, &major, &minor,
                      &patch, &prerelease))
    return improper(text);
  if (is_wildcard(major)) {
    written = "0.0.0" + prerelease;
    out.dirty = true;
  } else if (is_wildcard(minor)) {
    written = major + ".0.0" + prerelease;
    out.dirty = out.minor_dirty = true;
  } else if (is_wildcard(patch)) {
    written = major + minor + ".0" + prerelease;
    out.dirty = out.patch_dirty = true;
  }
  auto version = parse_version(written);
  if (!version) return base::fail(Errc::template_error, "constraint Parser Error");
  out.version = std::move(*version);
  return out;
}

bool Constraints::allow(const Version& version) const {
  for (const auto& parts : alternatives_) {
    bool all = true;
    for (const Part& part : parts) all = all && allows(part, version);
    if (all) return true;
  }
  return false;
}

bool Constraints::allows(const Part& part, const Version& version) {
  const std::string& operation = part.operation;
  const int order = compare(version, part.version);
  // A prerelease is only what somebody wants who names one.
  const bool unwanted = !version.prerelease.empty() && part.version.prerelease.empty();
  if (operation == "!=") return (!unwanted || !part.dirty) && allows_not(part, version);
  if (unwanted) return false;
  if (operation == ">") return allows_greater(part, version);
  if (operation == "<") return order < 0;
  if (operation == ">=" || operation == "=>") return order >= 0;
  if (operation == "<=" || operation == "=<") return allows_less_or_equal(part, version);
  if (operation == "^") return allows_caret(part, version);
  if (operation == "~" || operation == "~>" || part.dirty) return allows_tilde(part, version);
  return order == 0;
}

bool Constraints::allows_not(const Part& part, const Version& version) {
  const Version& wanted = part.version;
  if (part.dirty) {
    if (wanted.major != version.major) return true;
    if (part.minor_dirty) return false;
    if (wanted.minor != version.minor) return true;
    if (part.patch_dirty) {
      const bool some = !version.prerelease.empty() || !wanted.prerelease.empty();
      return some && compare_prereleases(version.prerelease, wanted.prerelease) != 0;
    }
    if (wanted.patch != version.patch) return true;
  }
  return compare(version, wanted) != 0;
}

bool Constraints::allows_greater(const Part& part, const Version& version) {
  if (!part.dirty) return compare(version, part.version) > 0;
  if (version.major != part.version.major) return version.major > part.version.major;
  if (part.minor_dirty) return false;
  if (part.patch_dirty) return version.minor > part.version.minor;
  return compare(version, part.version) > 0;
}

bool Constraints::allows_less_or_equal(const Part& part, const Version& version) {
  if (!part.dirty) return compare(version, part.version) <= 0;
  if (version.major > part.version.major) return false;
  return version.major != part.version.major || version.minor <= part.version.minor || part.minor_dirty;
}

bool Constraints::allows_tilde(const Part& part, const Version& version) {
  const Version& wanted = part.version;
  if (compare(version, wanted) < 0) return false;
  // ~0.0.0 is everything.
  if (wanted.major == 0 && wanted.minor == 0 && wanted.patch == 0 && !part.minor_dirty && !part.patch_dirty)
    return true;
  return version.major == wanted.major && (version.minor == wanted.minor || part.minor_dirty);
}

bool Constraints::allows_caret(const Part& part, const Version& version) {
  const Version& wanted = part.version;
  if (compare(version, wanted) < 0 || version.major != wanted.major) return false;
  if (wanted.major > 0 || part.minor_dirty) return true;
  if (version.minor != wanted.minor) return false;
  return wanted.minor > 0 || part.patch_dirty || version.patch == wanted.patch;
}

}  // namespace longshore::tmpl::sprig
