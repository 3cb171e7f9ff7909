// Result<T>: a value or an Error. The only place that knows that it is std::expected underneath.
#pragma once
#include <cerrno>
#include <expected>
#include <utility>

#include "common/base/error.h"

namespace longshore::base {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

// return fail(Errc::timeout, "no answer within 5s");
inline std::unexpected<Error> fail(Errc code, std::string text) {
  return std::unexpected<Error>(Error{code, std::move(text)});
}
inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}
// After a system call: system_error of errno.
inline std::unexpected<Error> system_failure(std::string_view what) {
  return fail(system_error(what, errno));
}

}  // namespace longshore::base

namespace longshore {
using base::Errc;
using base::Error;
using base::fail;
using base::Result;
using base::Status;
using base::system_failure;
}  // namespace longshore

// LS_TRY(port, parse_port(text)); declares `port`, or returns the error. Not for coroutines (LS_CO_TRY is).
#define LS_TRY(name, ...)                                                         \
  auto name##_result = (__VA_ARGS__);                                             \
  if (!name##_result) return ::longshore::fail(std::move(name##_result).error()); \
  auto&& name = *name##_result

#define LS_TRY_STATUS(...) \
  if (auto status_result = (__VA_ARGS__); !status_result) return ::longshore::fail(std::move(status_result).error())
