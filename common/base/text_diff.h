// What separates two texts, in the unified form that diff -u prints and patch reads. Pure.
#pragma once
#include <string>
#include <string_view>

namespace longshore::base {

// "" when the texts are equal. Three lines of context; a last line without a newline is marked as diff marks it. The
// names go into the "---" and "+++" lines as they are. The shortest script, except that texts with more than
// kMostEdits different lines are shown as one block removed and one added (memory grows with the square).
std::string unified_diff(std::string_view before, std::string_view after, const std::string& before_name,
                         const std::string& after_name);

inline constexpr int kMostEdits = 2000;

}  // namespace longshore::base
