#include "common/base/error.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "common/base/result.h"

namespace longshore::base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Errc::invalid_input, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  LS_TRY(once, half(number));
  LS_TRY(twice, half(once));
  return twice;
}

TEST_CASE("LS_TRY hands on values and errors") {
  CHECK(quarter(8).value() == 2);
  REQUIRE_FALSE(quarter(6).has_value());
  CHECK(quarter(6).error() == Error{Errc::invalid_input, "odd"});
}

TEST_CASE("context goes in front and keeps the code") {
  const Error error = Error{Errc::timeout, "no answer"}.with("consul").with("register web");
  CHECK(error == Error{Errc::timeout, "register web: consul: no answer"});
}

TEST_CASE("what may be tried again") {
  for (const Errc code : {Errc::server_error, Errc::unreachable, Errc::timeout, Errc::protocol, Errc::io})
    CHECK(retryable(code));
  for (const Errc code : {Errc::invalid_input, Errc::not_found, Errc::rejected, Errc::cancelled, Errc::limit,
                          Errc::template_error, Errc::check_failed})
    CHECK_FALSE(retryable(code));
}

TEST_CASE("errors of the system keep what was tried") {
  CHECK(system_error("open /x", ENOENT) == Error{Errc::not_found, "open /x: No such file or directory"});
  CHECK(system_error("write /x", ENOSPC) == Error{Errc::io, "write /x: No space left on device"});
}

}  // namespace
}  // namespace longshore::base
