// Inside the reader errors have a place but no file yet; `parse` adds it.
#pragma once
#include <expected>
#include <string>
#include <utility>

#include "common/hcl/node.h"

namespace longshore::hcl {

struct SyntaxError {
  Position position;
  std::string text;
  bool limit = false;  // our own bound, not a mistake in the text
};

template <class T>
using Parsed = std::expected<T, SyntaxError>;

inline std::unexpected<SyntaxError> syntax_error(Position position, std::string text) {
  return std::unexpected<SyntaxError>(SyntaxError{position, std::move(text)});
}

}  // namespace longshore::hcl

// LS_TRY of common/base/result.h for Parsed.
#define LS_HCL_TRY(name, ...)                                                   \
  auto name##_parsed = (__VA_ARGS__);                                           \
  if (!name##_parsed) return std::unexpected(std::move(name##_parsed).error()); \
  auto&& name = *name##_parsed

#define LS_HCL_TRY_STATUS(...) \
  if (auto status_parsed = (__VA_ARGS__); !status_parsed) return std::unexpected(std::move(status_parsed).error())
