#include "vagrant/nanoservice/answer.h"

#include <charconv>
#include <optional>
#include <string_view>

namespace longshore::nano {
namespace {

const char* reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

std::string identity(const Config& config, const std::string& host) {
  return "nanoservice host=" + host + " version=" + config.version + " color=" + config.color;
}

std::optional<long> milliseconds(std::string_view query) {
  if (query.substr(0, 3) != "ms=") return std::nullopt;
  query.remove_prefix(3);
  long value = 0;
  const auto [stop, error] = std::from_chars(query.data(), query.data() + query.size(), value);
  if (error != std::errc{} || stop != query.data() + query.size() || value < 0 || value > kMaxSlow.count()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Answer answer_to(const Request& request, const Config& config, const std::string& host) {
  Answer answer;
  if (request.method == "POST") {
    answer.body = identity(config, host) + " received=" + std::to_string(request.body_length) + "\n";
    return answer;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    answer.status = 405;
    answer.body = "GET, HEAD and POST are understood\n";
    return answer;
  }
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  if (path == "/health") {
    answer.body = "ok\n";
    return answer;
  }
  if (path == "/slow") {
    const auto wait = milliseconds(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
    if (!wait) {
      answer.status = 400;
      answer.body = "/slow?ms=N with N from 0 to " + std::to_string(kMaxSlow.count()) + "\n";
      return answer;
    }
    answer.delay = std::chrono::milliseconds(*wait);
    answer.body = identity(config, host) + " slow_ms=" + std::to_string(*wait) + "\n";
    return answer;
  }
  answer.body = identity(config, host) + "\n";
  return answer;
}

Answer answer_to_bad(int status) {
  return Answer{status, std::string(reason(status)) + "\n", std::chrono::milliseconds(0)};
}

std::string serialize(const Answer& answer, bool head_only, bool close) {
  std::string text =
      "HTTP/1.1 " + std::to_string(answer.status) + " " + reason(answer.status) +
      "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (answer.status == 405) text += "Allow: GET, HEAD, POST\r\n";
  text += close ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  if (!head_only) text += answer.body;
  return text;
}

}  // namespace longshore::nano
