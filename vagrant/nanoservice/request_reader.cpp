#include "vagrant/nanoservice/request_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace longshore::nano {
namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::size_t kMaxLine = 1024;  // chunk sizes and trailers

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// The line up to LF without its CR LF; nothing while the LF is missing. `next` is the offset behind it.
std::optional<std::string_view> line_at(const std::string& input, std::size_t from, std::size_t& next) {
  const std::size_t end = input.find('\n', from);
  if (end == std::string::npos) return std::nullopt;
  next = end + 1;
  std::string_view line(input.data() + from, end - from);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

RequestReader::State RequestReader::fail(int status) {
  bad_status_ = status;
  return state_ = State::bad;
}

RequestReader::State RequestReader::advance(std::string& input) {
  if (state_ == State::head) read_head(input);
  if (state_ == State::body) read_body(input);
  return state_;
}

RequestReader::State RequestReader::read_head(std::string& input) {
  // RFC 9112, 2.2: empty lines before the request line are skipped.
  const std::size_t start = input.find_first_not_of("\r\n");
  input.erase(0, start == std::string::npos ? input.size() : start);

  std::size_t end = 0;
  for (std::size_t at = 0;; at = end) {
    const auto line = line_at(input, at, end);
    if (!line) return input.size() > kMaxHead ? fail(431) : state_;
    if (line->empty()) break;
  }
  if (end > kMaxHead) return fail(431);

  std::size_t next = 0;
  const std::string_view first = *line_at(input, 0, next);
  const std::size_t one = first.find(' ');
  const std::size_t two = first.rfind(' ');
  if (one == std::string_view::npos || one == two) return fail(400);
  request_.method = std::string(first.substr(0, one));
  request_.target = std::string(first.substr(one + 1, two - one - 1));
  const std::string_view version = first.substr(two + 1);
  if (version.substr(0, 5) != "HTTP/") return fail(400);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505);
  const bool target_ok = std::all_of(request_.target.begin(), request_.target.end(),
                                     [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
  if (!is_token(request_.method) || request_.target.empty() || !target_ok) return fail(400);
  request_.keep_alive = version == "HTTP/1.1";

  for (std::size_t at = next; at < end; at = next) {
    const std::string_view line = *line_at(input, at, next);
    if (!line.empty() && !read_header(line)) return state_;
  }
  // Both at once is how requests are smuggled.
  if (chunked_ && has_length_) return fail(400);
  input.erase(0, end);
  body_ = chunked_ ? Body::chunk_size : Body::counted;
  return state_ = chunked_ || left_ > 0 ? State::body : State::complete;
}

bool RequestReader::read_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return fail(400), false;
  const std::string name = lower(line.substr(0, colon));
  const std::string value = lower(trim(line.substr(colon + 1)));
  if (name == "content-length") {
    const auto length = number(value, 10);
    if (!length || (has_length_ && *length != left_)) return fail(400), false;
    has_length_ = true;
    left_ = *length;
  } else if (name == "transfer-encoding") {
    if (value != "chunked") return fail(501), false;
    chunked_ = true;
  } else if (name == "connection") {
    if (value.find("close") != std::string::npos) request_.keep_alive = false;
    if (value.find("keep-alive") != std::string::npos) request_.keep_alive = true;
  } else if (name == "expect") {
    request_.expect_continue = value == "100-continue";
  }
  return true;
}

RequestReader::State RequestReader::read_body(std::string& input) {
  while (state_ == State::body) {
    if (body_ == Body::counted || body_ == Body::chunk_data) {
      const std::uint64_t taken = std::min<std::uint64_t>(left_, input.size());
      input.erase(0, taken);
      left_ -= taken;
      request_.body_length += taken;
      if (left_ > 0) return state_;
      if (body_ == Body::counted) return state_ = State::complete;
      body_ = Body::chunk_end;
    }
    std::size_t next = 0;
    const auto line = line_at(input, 0, next);
    if (!line) return input.size() > kMaxLine ? fail(400) : state_;
    if (!read_chunk_line(*line)) return fail(400);
    input.erase(0, next);
  }
  return state_;
}

bool RequestReader::read_chunk_line(std::string_view line) {
  switch (body_) {
    case Body::chunk_size: {
      const auto size = number(trim(line.substr(0, line.find(';'))), 16);
      if (!size) return false;
      left_ = *size;
      body_ = left_ == 0 ? Body::trailer : Body::chunk_data;
      return true;
    }
    case Body::chunk_end:
      body_ = Body::chunk_size;
      return line.empty();
    case Body::trailer:
      if (line.empty()) state_ = State::complete;
      return true;
    case Body::counted:
    case Body::chunk_data:
      break;
  }
  return false;
}

}  // namespace longshore::nano
