#include "common/net/message_framing.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace longshore::net {
namespace {

constexpr std::size_t kLineLimit = 8 * 1024;  // of a chunk's size with its extensions, or of a trailer

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || kOthers.find(c) != std::string_view::npos;
  });
}

bool is_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == '\t' || (code >= 0x20 && code != 0x7F);
  });
}

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

std::unexpected<Error> refused(const std::string& what) {
  return fail(Errc::protocol, "HTTP: " + what);
}

// Decimal digits only: no sign, no white space.
std::optional<std::uint64_t> number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  if (text.empty() || text.front() == '+' || text.front() == '-') return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Lines without their CR LF.
Result<std::vector<std::string_view>> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return refused("a line without its end");
    const std::string_view line = head.substr(0, end);
    if (line.find_first_of("\r\n") != std::string_view::npos) return refused("a line end that is not CR LF");
    if (!is_text(line)) return refused("a control character");
    lines.push_back(line);
    head.remove_prefix(end + 2);
  }
  return lines;
}

Status add_headers(const std::vector<std::string_view>& lines, Headers& out) {
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos || !is_token(lines[i].substr(0, colon)))
      return refused("a header line that is none");
    out.add(lines[i].substr(0, colon), std::string(trim(lines[i].substr(colon + 1))));
  }
  return {};
}

// The lengths must say one thing.
Status check_framing(const MessageHead& head) {
  std::optional<std::string_view> length;
  std::size_t codings = 0;
  for (const Header& header : head.headers.all()) {
    if (same_word(header.name, "transfer-encoding")) {
      if (++codings > 1 || !same_word(header.value, "chunked")) return refused("a transfer coding other than chunked");
    } else if (same_word(header.name, "content-length")) {
      if (length && *length != header.value) return refused("two lengths");
      if (!number(header.value)) return refused("a length that is no number");
      length = header.value;
    }
  }
  if (length && codings != 0) return refused("a length beside a transfer coding");
  if (codings != 0 && head.minor == 0) return refused("a transfer coding in HTTP/1.0");
  return {};
}

// 0: something else.
int three_digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = 10 * value + (c - '0');
  }
  return value;
}

std::optional<int> minor_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return std::nullopt;
}

bool is_chunked(const MessageHead& head) {
  return head.headers.get("transfer-encoding").has_value();
}

}  // namespace

bool MessageHead::header_has(std::string_view name, std::string_view token) const {
  for (const Header& header : headers.all()) {
    if (!same_word(header.name, name)) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same_word(trim(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool MessageHead::keep_alive() const {
  if (minor == 0) return header_has("connection", "keep-alive");
  return !header_has("connection", "close");
}

Result<std::optional<std::size_t>> head_length(std::string_view bytes) {
  std::size_t start = 0;
  while (bytes.substr(start).starts_with("\r\n")) start += 2;
  const std::size_t end = bytes.find("\r\n\r\n", start);
  if (end == std::string_view::npos) {
    if (bytes.size() > kHeadLimit) return fail(Errc::limit, "HTTP: a head of more than 64 KiB");
    return std::optional<std::size_t>();
  }
  if (end + 4 > kHeadLimit) return fail(Errc::limit, "HTTP: a head of more than 64 KiB");
  return std::optional<std::size_t>(end + 4);
}

Result<MessageHead> parse_request_head(std::string_view head) {
  while (head.starts_with("\r\n")) head.remove_prefix(2);
  LS_TRY(lines, lines_of(head));
  if (lines.size() < 2) return refused("no start line");
  const std::string_view line = lines.front();
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refused("a start line that is none");
  MessageHead out;
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  const auto minor = minor_version(line.substr(last + 1));
  if (!is_token(out.method) || out.target.empty() || out.target.find_first_of(" \t") != std::string::npos || !minor)
    return refused("a start line that is none");
  out.minor = *minor;
  LS_TRY_STATUS(add_headers(lines, out.headers));
  LS_TRY_STATUS(check_framing(out));
  return out;
}

Result<MessageHead> parse_response_head(std::string_view head) {
  LS_TRY(lines, lines_of(head));
  if (lines.size() < 2) return refused("no status line");
  const std::string_view line = lines.front();
  const auto minor = minor_version(line.substr(0, 8));
  const int status = line.size() >= 12 ? three_digits(line.substr(9, 3)) : 0;
  if (!minor || status < 100 || line[8] != ' ' || (line.size() > 12 && line[12] != ' '))
    return refused("a status line that is none");
  MessageHead out;
  out.minor = *minor;
  out.status = status;
  LS_TRY_STATUS(add_headers(lines, out.headers));
  LS_TRY_STATUS(check_framing(out));
  return out;
}

BodyFraming BodyFraming::of_request(const MessageHead& head) {
  BodyFraming out;
  if (is_chunked(head)) {
    out.state_ = State::chunk_size;
  } else if (const auto length = head.headers.get("content-length")) {
    out.left_ = number(*length).value_or(0);
    if (out.left_ != 0) out.state_ = State::length;
  }
  return out;
}

BodyFraming BodyFraming::of_response(const MessageHead& head, std::string_view request_method) {
  const bool none = head.status < 200 || head.status == 204 || head.status == 304 || request_method == "HEAD";
  if (none) return {};
  BodyFraming out = of_request(head);
  if (!is_chunked(head) && !head.headers.get("content-length")) out.state_ = State::until_end;
  return out;
}

Result<std::size_t> BodyFraming::take(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::done) {
    switch (state_) {
      case State::until_end:
        return bytes.size();
      case State::length:
      case State::chunk_data: {
        const std::uint64_t part = std::min<std::uint64_t>(left_, bytes.size() - used);
        used += static_cast<std::size_t>(part);
        left_ -= part;
        if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
        break;
      }
      default:
        LS_TRY_STATUS(line_byte(bytes[used]));
        ++used;
    }
  }
  return used;
}

Status BodyFraming::line_byte(char c) {
  const bool after_cr = line_.ends_with('\r');
  if (after_cr && c != '\n') return refused("a line end that is not CR LF");
  if (!after_cr && c == '\n') return refused("a line end that is not CR LF");
  if (!after_cr) {
    if (line_.size() == kLineLimit) return fail(Errc::limit, "HTTP: a chunk's line of more than 8 KiB");
    line_ += c;
    return {};
  }
  line_.pop_back();
  const Status ended = end_line();
  line_.clear();
  return ended;
}

Status BodyFraming::end_line() {
  if (!is_text(line_)) return refused("a control character");
  switch (state_) {
    case State::chunk_size: {
      const std::string_view size = trim(std::string_view(line_).substr(0, line_.find(';')));
      const auto value = number(size, 16);
      if (!value || *value > (std::uint64_t{1} << 60)) return refused("a chunk without a size");
      left_ = *value;
      state_ = left_ == 0 ? State::trailer : State::chunk_data;
      return {};
    }
    case State::chunk_end:
      if (!line_.empty()) return refused("a chunk that is longer than its size");
      state_ = State::chunk_size;
      return {};
    default:
      if (line_.empty()) state_ = State::done;
      return {};
  }
}

}  // namespace longshore::net
