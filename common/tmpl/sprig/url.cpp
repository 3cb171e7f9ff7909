#include "common/tmpl/sprig/url.h"

#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/text_tools.h"

namespace longshore::tmpl::sprig {
namespace {

enum class Where { path, user, host, zone, fragment };

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

bool must_escape(char c, Where where) {
  if (is_alnum(c) || contains("-_.~", c)) return false;
  switch (where) {
    case Where::host:
    case Where::zone:
      return !contains("!$&'()*+,;=:[]<>\"", c);
    case Where::path:
      return !contains("$&+,/:;=@", c);
    case Where::user:
      return !contains("$&+,;=", c);
    case Where::fragment:
      return !contains("$&+,/:;=?@!()*", c);
  }
  return true;
}

std::string escape(std::string_view text, Where where) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!must_escape(c, where))
      out += c;
    else
      (((out += '%') += "0123456789ABCDEF"[byte >> 4]) += "0123456789ABCDEF"[byte & 15]);
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

Result<std::string> unescape(std::string_view text, Where where) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      const std::string_view three = text.substr(at, 3);
      if (three.size() < 3 || hex_value(three[1]) < 0 || hex_value(three[2]) < 0)
        return bad("invalid URL escape " + quote(three));
      const auto byte = static_cast<char>(hex_value(three[1]) * 16 + hex_value(three[2]));
      // A host has escapes for bytes beyond ASCII only, a zone for what it could have written as it is, and for blanks.
      if (three != "%25" && ((where == Where::host && hex_value(three[1]) < 8) ||
                             (where == Where::zone && byte != ' ' && must_escape(byte, where))))
        return bad("invalid URL escape " + quote(three));
      out += byte;
      at += 2;
      continue;
    }
    const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
    if ((where == Where::host || where == Where::zone) && ascii && must_escape(text[at], where))
      return bad("invalid character " + quote(text.substr(at, 1)) + " in host name");
    out += text[at];
  }
  return out;
}

// "" or a colon and digits.
bool valid_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

// "[fe80::1%25eth0]:80": a zone follows its own rules.
Result<std::string> unescape_host(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.rfind(']') : 0;
  const std::size_t zone = text.substr(0, bracket).find("%25");
  if (zone == std::string_view::npos) return unescape(text, Where::host);
  LS_TRY(address, unescape(text.substr(0, zone), Where::host));
  LS_TRY(name, unescape(text.substr(zone, bracket - zone), Where::zone));
  LS_TRY(rest, unescape(text.substr(bracket), Where::host));
  return address + name + rest;
}

Result<std::string> parse_host(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.rfind(']');
    if (end == std::string_view::npos) return bad("missing ']' in host");
    port = text.substr(end + 1);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    port = text.substr(colon);
  }
  if (!valid_port(port)) return bad("invalid port " + quote(port) + " after host");
  return unescape_host(text);
}

Status parse_authority(std::string_view text, Url& out) {
  const std::size_t at = text.rfind('@');
  LS_TRY(host, parse_host(at == std::string_view::npos ? text : text.substr(at + 1)));
  out.host = std::move(host);
  if (at == std::string_view::npos) return {};
  const std::string_view user = text.substr(0, at);
  for (const char c : user)
    if (!is_alnum(c) && !contains("-._:~!$&'()*+,;=%@", c)) return bad("net/url: invalid userinfo");
  const std::size_t colon = user.find(':');
  LS_TRY(name, unescape(user.substr(0, colon), Where::user));
  UserInfo info{std::move(name), std::nullopt};
  if (colon != std::string_view::npos) {
    LS_TRY(password, unescape(user.substr(colon + 1), Where::user));
    info.password = std::move(password);
  }
  out.user = std::move(info);
  return {};
}

// Takes "scheme:" off the front, if there is one.
Result<std::string> take_scheme(std::string_view& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ':') {
      if (at == 0) return bad("missing protocol scheme");
      std::string scheme(text.substr(0, at));
      for (char& letter : scheme)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
      text.remove_prefix(at + 1);
      return scheme;
    }
    const bool letter = is_alnum(c) && !(c >= '0' && c <= '9');
    if (!letter && (at == 0 || (!is_alnum(c) && !contains("+-.", c)))) break;
  }
  return std::string();
}

Status parse_parts(std::string_view text, Url& out) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return bad("net/url: invalid control character in URL");
  if (text == "*") {
    out.path = "*";
    return {};
  }
  LS_TRY(scheme, take_scheme(text));
  out.scheme = std::move(scheme);
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    out.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (!text.starts_with('/')) {
    if (!out.scheme.empty()) {
      out.opaque = text;
      return {};
    }
    if (text.substr(0, text.find('/')).find(':') != std::string_view::npos)
      return bad("first path segment in URL cannot contain colon");
  }
  if (text.starts_with("//") && (!out.scheme.empty() || !text.starts_with("///"))) {
    text.remove_prefix(2);
    const std::size_t end = text.find('/');
    LS_TRY_STATUS(parse_authority(text.substr(0, end), out));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  }
  LS_TRY(path, unescape(text, Where::path));
  out.path = std::move(path);
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const std::size_t mark = text.find('#');
  Url out;
  if (const Status parts = parse_parts(text.substr(0, mark), out); !parts)
    return bad("parse " + quote(text.substr(0, mark)) + ": " + parts.error().text);
  if (mark == std::string_view::npos) return out;
  auto fragment = unescape(text.substr(mark + 1), Where::fragment);
  if (!fragment) return bad("parse " + quote(text) + ": " + fragment.error().text);
  out.fragment = std::move(*fragment);
  return out;
}

std::string to_string(const UserInfo& user) {
  std::string out = escape(user.name, Where::user);
  if (user.password) out += ':' + escape(*user.password, Where::user);
  return out;
}

std::string to_string(const Url& url) {
  std::string out;
  if (!url.scheme.empty()) out += url.scheme + ':';
  if (!url.opaque.empty()) {
    out += url.opaque;
  } else {
    if (!url.scheme.empty() || !url.host.empty() || url.user) {
      if (!url.host.empty() || !url.path.empty() || url.user) out += "//";
      if (url.user) out += to_string(*url.user) + '@';
      out += escape(url.host, Where::host);
    }
    const std::string path = url.path == "*" ? url.path : escape(url.path, Where::path);
    if (!path.empty() && path.front() != '/' && !url.host.empty()) out += '/';
    if (out.empty() && path.substr(0, path.find('/')).find(':') != std::string::npos) out += "./";
    out += path;
  }
  if (!url.query.empty()) out += '?' + url.query;
  if (!url.fragment.empty()) out += '#' + escape(url.fragment, Where::fragment);
  return out;
}

std::string host_name(const Url& url) {
  std::string_view host = url.host;
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && valid_port(host.substr(colon))) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace longshore::tmpl::sprig
