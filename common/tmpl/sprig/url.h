// URLs as Go's net/url takes them apart and puts them together.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::tmpl::sprig {

struct UserInfo {
  std::string name;
  std::optional<std::string> password;
};

struct Url {
  std::string scheme;
  std::string opaque;  // after the scheme, if no slash follows
  std::optional<UserInfo> user;
  std::string host;      // with port
  std::string path;      // without escapes
  std::string query;     // as it is written
  std::string fragment;  // without escapes
};

// Errors are Go's texts: `parse "..": ..`.
Result<Url> parse_url(std::string_view text);
std::string to_string(const Url& url);
std::string to_string(const UserInfo& user);
// The host without port and brackets.
std::string host_name(const Url& url);

}  // namespace longshore::tmpl::sprig
