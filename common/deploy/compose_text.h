// Scalars of a Compose file as text, with the caller's variables in their places. Pure.
#pragma once
#include <string>
#include <vector>

#include "common/deploy/compose.h"

namespace longshore::deploy {

// $NAME, ${NAME}, ${NAME:-default}, $$ for a dollar. invalid_input names a variable that is not set.
Result<std::string> interpolate(const std::string& text, const std::string& where, const Variable& variable);
// Of a text, number or boolean; null is "".
Result<std::string> scalar_text(const json::Value& value, const std::string& where, const Variable& variable);
// null is an empty list.
Result<std::vector<std::string>> scalar_list(const json::Value& value, const std::string& where,
                                             const Variable& variable);
// As a shell splits words: spaces, '…', "…" and backslashes; nothing is expanded.
Result<std::vector<std::string>> shell_words(const std::string& text, const std::string& where);

}  // namespace longshore::deploy
