// Semantic versions and constraints on them, by the rules of github.com/Masterminds/semver 3.3.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace longshore::tmpl::sprig {

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string prerelease;
  std::string metadata;
  std::string original;
};

// "1", "v1.2", "1.2.3-beta.1+meta". Errors are the original's texts.
Result<Version> parse_version(std::string_view text);
std::string to_string(const Version& version);
// -1, 0, 1. Metadata does not count.
int compare(const Version& left, const Version& right);
int compare_prereleases(std::string_view left, std::string_view right);
Result<std::string> checked_prerelease(std::string_view text);
Result<std::string> checked_metadata(std::string_view text);

// "1.2 - 1.4", ">= 1.2, < 3 || ~4.1", "^2.x".
class Constraints {
 public:
  static Result<Constraints> parse(std::string_view text);
  bool allow(const Version& version) const;

 private:
  struct Part {
    std::string operation;  // "" = tilde or equal
    Version version;
    bool dirty = false;  // a wildcard somewhere
    bool minor_dirty = false;
    bool patch_dirty = false;
  };
  static Result<Part> parse_part(std::string_view text);
  static bool allows(const Part& part, const Version& version);
  static bool allows_tilde(const Part& part, const Version& version);
  static bool allows_caret(const Part& part, const Version& version);
  static bool allows_not(const Part& part, const Version& version);
  static bool allows_greater(const Part& part, const Version& version);
  static bool allows_less_or_equal(const Part& part, const Version& version);

  std::vector<std::vector<Part>> alternatives_;
};

}  // namespace longshore::tmpl::sprig
