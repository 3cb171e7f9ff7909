#include "common/base/error.h"

#include <cerrno>
#include <cstring>

namespace longshore::base {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_input:
      return "invalid_input";
    case Errc::not_found:
      return "not_found";
    case Errc::rejected:
      return "rejected";
    case Errc::server_error:
      return "server_error";
    case Errc::unreachable:
      return "unreachable";
    case Errc::timeout:
      return "timeout";
    case Errc::cancelled:
      return "cancelled";
    case Errc::protocol:
      return "protocol";
    case Errc::io:
      return "io";
    case Errc::limit:
      return "limit";
    case Errc::template_error:
      return "template_error";
    case Errc::check_failed:
      return "check_failed";
  }
  return "unknown";
}

Error Error::with(std::string_view context) const {
  std::string joined(context);
  joined += ": ";
  joined += text;
  return Error{code, std::move(joined)};
}

bool retryable(Errc code) {
  switch (code) {
    case Errc::server_error:
    case Errc::unreachable:
    case Errc::timeout:
    case Errc::protocol:
    case Errc::io:
      return true;
    case Errc::invalid_input:
    case Errc::not_found:
    case Errc::rejected:
    case Errc::cancelled:
    case Errc::limit:
    case Errc::template_error:
    case Errc::check_failed:
      return false;
  }
  return false;
}

Error system_error(std::string_view what, int number) {
  std::string text(what);
  text += ": ";
  text += std::strerror(number);
  return Error{number == ENOENT ? Errc::not_found : Errc::io, std::move(text)};
}

}  // namespace longshore::base
