// The value at a path of keys within a JSON text, as buger/jsonparser's Get finds it: the bytes as they stand, nothing
// unescaped, nothing checked beyond what has to be passed.
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace longshore::tmpl::registrator {

// A string's inside, any other value's whole text. "[2]" is an element of an array. Nothing: no such path, or what is
// there is no JSON value. The first of equal keys counts.
std::optional<std::string_view> json_at(std::string_view text, std::span<const std::string_view> path);

}  // namespace longshore::tmpl::registrator
