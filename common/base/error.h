// What can go wrong, as a value. One code for programs, one sentence for people; layers add context in front.
#pragma once
#include <string>
#include <string_view>

namespace longshore::base {

enum class Errc {
  invalid_input,   // the caller or the user gave something unusable; retrying cannot help
  not_found,       // the thing asked for does not exist
  rejected,        // the peer understood and refused (4xx other than 404 and 429)
  server_error,    // the peer failed (5xx) or is overloaded (429)
  unreachable,     // no connection could be made, or it broke before an answer came
  timeout,         // a phase took longer than its limit
  cancelled,       // we are stopping; never logged as an error, never retried
  protocol,        // the peer sent what its protocol does not allow
  io,              // the operating system refused (files, processes)
  limit,           // one of our own bounds was hit
  template_error,  // a template cannot be parsed or evaluated
  check_failed,    // a check command or probe said no
};

std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::invalid_input;
  std::string text;

  // "context: text"; the code stays.
  [[nodiscard]] Error with(std::string_view context) const;
  bool operator==(const Error&) const = default;
};

// A function of the code alone: may the same call succeed later without anybody changing anything?
bool retryable(Errc code);

// "<what>: <strerror(number)>", code io (not_found for ENOENT).
Error system_error(std::string_view what, int number);

}  // namespace longshore::base
