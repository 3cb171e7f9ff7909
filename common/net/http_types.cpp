#include "common/net/http_types.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::net {
namespace {

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Header& header : list_)
    if (base::equal_ignore_case_ascii(header.name, name)) return header.value;
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(list_, [&](const Header& header) { return base::equal_ignore_case_ascii(header.name, name); });
  add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
  list_.push_back(Header{std::string(name), std::move(value)});
}

std::string_view standard_reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Request Entity Too Large";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved(c) || (keep_slash && c == '/')) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(Errc::invalid_input, "invalid URL escape in \"" + std::string(text) + "\"");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::optional<std::string_view> Target::get(std::string_view key) const {
  for (const QueryItem& item : query)
    if (item.key == key) return item.value;
  return std::nullopt;
}

Result<std::vector<std::string>> Target::segments() const {
  std::vector<std::string> out;
  std::string_view rest = path;
  if (!rest.empty() && rest[0] == '/') rest.remove_prefix(1);
  for (const std::string& part : base::split(rest, '/')) {
    LS_TRY(decoded, percent_decode(part));
    out.push_back(std::move(decoded));
  }
  return out;
}

Result<Target> parse_target(std::string_view target) {
  Target out;
  if (const std::size_t fragment = target.find('#'); fragment != std::string_view::npos)
    target = target.substr(0, fragment);
  const std::size_t mark = target.find('?');
  out.path = std::string(target.substr(0, mark));
  if (out.path.empty() || out.path[0] != '/') return fail(Errc::invalid_input, "the request target is not a path");
  if (mark == std::string_view::npos) return out;
  for (const std::string& part : base::split(target.substr(mark + 1), '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    LS_TRY(key, percent_decode(part.substr(0, equals), true));
    QueryItem item;
    item.key = std::move(key);
    item.has_value = equals != std::string::npos;
    if (item.has_value) {
      LS_TRY(value, percent_decode(std::string_view(part).substr(equals + 1), true));
      item.value = std::move(value);
    }
    out.query.push_back(std::move(item));
  }
  return out;
}

std::string build_target(std::string_view path, const std::vector<QueryItem>& query) {
  std::string out(path);
  char separator = '?';
  for (const QueryItem& item : query) {
    out += separator;
    separator = '&';
    out += percent_encode(item.key);
    if (item.has_value) (out += '=') += percent_encode(item.value);
  }
  return out;
}

}  // namespace longshore::net
