// Typed reading of foreign JSON objects. A missing or null field is the type's empty value (as Go decodes it);
// a field of the wrong type is a protocol error that names its path.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"

namespace longshore::json {

class Fields {
 public:
  // Whether a name that was sent means the wanted one.
  using SameName = bool (*)(std::string_view sent, std::string_view wanted);

  // `path` goes in front of field names in errors, e.g. "Service". `object` must outlive this.
  Fields(const Value& object, std::string path) : Fields(object, std::move(path), nullptr) {}

  Result<std::string> text(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key) const;
  Result<std::uint64_t> unsigned_integer(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Result<std::map<std::string, std::string>> text_map(std::string_view key) const;
  // The object or array below, or nullptr when missing or null; wrong types are an error.
  Result<const Value*> object(std::string_view key) const;
  Result<const Value*> array(std::string_view key) const;
  std::string path(std::string_view key) const;

 protected:
  // Without `same` names must be equal; with it the first match wins.
  Fields(const Value& object, std::string path, SameName same) : object_(object), path_(std::move(path)), same_(same) {}

  // nullptr when missing or null.
  const Value* find(std::string_view key) const;
  static std::unexpected<Error> wrong(const std::string& path, std::string_view expected, const Value& found);

 private:
  const Value& object_;
  std::string path_;
  SameName same_;
};

}  // namespace longshore::json
