// HTTP as plain values. Header names compare without case (RFC 9110); values are kept as sent.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace longshore::net {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> list) : list_(list) {}

  // The first value of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  void set(std::string_view name, std::string value);
  void add(std::string_view name, std::string value);
  const std::vector<Header>& all() const { return list_; }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Header> list_;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // path and query, already percent-encoded
  Headers headers;
  std::string body;
  bool operator==(const Request&) const = default;
};

// Takes the body of an answer with status 200 as it comes, instead of it being kept: Response::body is empty then.
using BodySink = std::function<void(std::string_view)>;

struct Response {
  int status = 200;
  std::string reason;  // empty: the standard phrase
  Headers headers;
  std::string body;
  bool operator==(const Response&) const = default;
};

std::string_view standard_reason(int status);

// Everything but RFC 3986 unreserved characters becomes %XX; '/' too unless kept.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// invalid_input on a malformed escape. '+' is a space only with plus_is_space (query strings).
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// One key=value of a query; a key without '=' has has_value false ("?recurse").
struct QueryItem {
  std::string key;
  std::string value;
  bool has_value = true;
  bool operator==(const QueryItem&) const = default;
};

// A request target taken apart: decoded path segments stay in `path` as sent (still encoded).
struct Target {
  std::string path;
  std::vector<QueryItem> query;

  std::optional<std::string_view> get(std::string_view key) const;
  bool has(std::string_view key) const { return get(key).has_value(); }
  // The path's segments, percent-decoded one by one, so that an encoded slash stays inside its segment.
  Result<std::vector<std::string>> segments() const;
};
Result<Target> parse_target(std::string_view target);

// "path?a=b&c" from decoded parts.
std::string build_target(std::string_view path, const std::vector<QueryItem>& query);

}  // namespace longshore::net
