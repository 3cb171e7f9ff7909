// What RealFiles::replace would do to a file, without doing it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "renderer/core/file_plan.h"

namespace longshore::render {

// Of an attribute; `before` is "" where there is no file yet.
struct AttributeChange {
  std::string before;
  std::string after;
  bool operator==(const AttributeChange&) const = default;
};

struct FileForecast {
  FilePlan plan = FilePlan::unchanged;   // as replace() would answer: permissions alone are no change to it
  std::optional<std::string> current;    // nothing: there is no such file yet
  std::optional<AttributeChange> mode;   // "0644", octal; of a new file only if somebody wants a certain one
  std::optional<AttributeChange> owner;  // "www-data:adm", numbers where nobody has them; likewise
  std::vector<std::string> directories;  // that would be made, outermost first
  std::string backup;                    // the old one would be kept there; "" = nowhere

  bool changes_nothing() const { return plan == FilePlan::unchanged && !mode && !owner; }
};

// The errors are those of replace() that can be told beforehand: no such user, a directory in its place, a directory
// that nobody may make. What only trying would show (rights of whoever renders, a full disk) is not among them.
Result<FileForecast> forecast(const std::string& path, std::string_view text, const FileOptions& options);

}  // namespace longshore::render
