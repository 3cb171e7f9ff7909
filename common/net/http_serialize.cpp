#include <algorithm>

#include "common/net/http_parser.h"

namespace longshore::net {
namespace {

// What would let a value end its line and start another one.
bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool has_space(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool body_allowed(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

Result<std::string> serialize(const Request& request, std::string_view host) {
  if (request.method.empty() || has_space(request.method)) return fail(Errc::invalid_input, "HTTP: bad method");
  if (request.target.empty() || has_space(request.target)) return fail(Errc::invalid_input, "HTTP: bad request target");
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (!request.headers.get("Host")) append_header(out, "Host", host);
  for (const Header& header : request.headers.all()) {
    if (breaks_line(header.name) || breaks_line(header.value) || has_space(header.name))
      return fail(Errc::invalid_input, "HTTP: header " + header.name + " has a forbidden character");
    append_header(out, header.name, header.value);
  }
  const bool needs_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  if (needs_length && !request.headers.get("Content-Length"))
    append_header(out, "Content-Length", std::to_string(request.body.size()));
  out += "\r\n";
  return out += request.body;
}

std::string serialize(const Response& response, bool head_only, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += response.reason.empty() ? standard_reason(response.status) : std::string_view(response.reason);
  out += "\r\n";
  for (const Header& header : response.headers.all())
    if (!breaks_line(header.name) && !breaks_line(header.value)) append_header(out, header.name, header.value);
  if (body_allowed(response.status)) append_header(out, "Content-Length", std::to_string(response.body.size()));
  append_header(out, "Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (!head_only && body_allowed(response.status)) out += response.body;
  return out;
}

}  // namespace longshore::net
