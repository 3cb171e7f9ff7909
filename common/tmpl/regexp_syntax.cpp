#include "common/tmpl/regexp_syntax.h"

#include <algorithm>

namespace longshore::tmpl::regexp {
namespace {

struct Alias {
  std::string_view name;  // in small letters, without _ - and spaces
  std::string_view category;
};
// PropertyValueAliases.txt of Unicode, general categories.
constexpr Alias kAliases[] = {
    {"casedletter", "LC"},
    {"closepunctuation", "Pe"},
    {"cntrl", "Cc"},
    {"combiningmark", "M"},
    {"connectorpunctuation", "Pc"},
    {"control", "Cc"},
    {"currencysymbol", "Sc"},
    {"dashpunctuation", "Pd"},
    {"decimalnumber", "Nd"},
    {"digit", "Nd"},
    {"enclosingmark", "Me"},
    {"finalpunctuation", "Pf"},
    {"format", "Cf"},
    {"initialpunctuation", "Pi"},
    {"letter", "L"},
    {"letternumber", "Nl"},
    {"lineseparator", "Zl"},
    {"lowercaseletter", "Ll"},
    {"mark", "M"},
    {"mathsymbol", "Sm"},
    {"modifierletter", "Lm"},
    {"modifiersymbol", "Sk"},
    {"nonspacingmark", "Mn"},
    {"number", "N"},
    {"openpunctuation", "Ps"},
    {"other", "C"},
    {"otherletter", "Lo"},
    {"othernumber", "No"},
    {"otherpunctuation", "Po"},
    {"othersymbol", "So"},
    {"paragraphseparator", "Zp"},
    {"privateuse", "Co"},
    {"punct", "P"},
    {"punctuation", "P"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"spacingmark", "Mc"},
    {"surrogate", "Cs"},
    {"symbol", "S"},
    {"titlecaseletter", "Lt"},
    {"uppercaseletter", "Lu"},
};

std::string loose(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return out;
}

// The category as RE2 knows it, "LC" and "ASCII" included; the name itself if it is none.
std::string category_of(std::string_view name) {
  const std::string key = loose(name);
  const auto* const alias = std::ranges::find(kAliases, key, &Alias::name);
  if (alias != std::end(kAliases)) return std::string(alias->category);
  if (key == "any") return "Any";
  if (key == "ascii") return "ASCII";
  if (key == "lc") return "LC";
  constexpr std::string_view kShort[] = {"c",  "cc", "cf", "co", "cs", "l",  "ll", "lm", "lo", "lt", "lu", "m",
                                         "mc", "me", "mn", "n",  "nd", "nl", "no", "p",  "pc", "pd", "pe", "pf",
                                         "pi", "po", "ps", "s",  "sc", "sk", "sm", "so", "z",  "zl", "zp", "zs"};
  if (std::ranges::find(kShort, key) == std::end(kShort)) return std::string(name);
  std::string out = key;
  out[0] = static_cast<char>(out[0] & ~0x20);
  return out;
}

// \p{...} or \P{...}; in_class: within brackets, where a negated set cannot be written otherwise.
std::string unicode_class(std::string_view whole, bool in_class) {
  std::string_view name = whole.substr(3, whole.size() - 4);
  bool negated = whole[1] == 'P';
  if (name.starts_with('^')) {
    negated = !negated;
    name.remove_prefix(1);
  }
  const std::string category = category_of(name);
  if (category != "LC" && category != "ASCII") return (negated ? "\\P{" : "\\p{") + category + "}";
  const std::string_view plain = category == "LC" ? "\\p{Lu}\\p{Ll}\\p{Lt}" : "\\x00-\\x7F";
  if (!in_class) return (negated ? "[^" : "[") + std::string(plain) + "]";
  if (!negated) return std::string(plain);
  return category == "ASCII" ? "\\x{80}-\\x{10FFFF}" : std::string(whole);
}

// Takes the escape at the front: two bytes, \Q...\E or \p{...}.
std::string take_escape(std::string_view& rest, bool in_class) {
  std::size_t size = std::min<std::size_t>(2, rest.size());
  std::string out;
  if (!in_class && rest.starts_with("\\Q")) {
    const std::size_t end = rest.find("\\E");
    size = end == std::string_view::npos ? rest.size() : end + 2;
  } else if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
    if (const std::size_t end = rest.find('}'); end != std::string_view::npos) {
      size = end + 1;
      out = unicode_class(rest.substr(0, size), in_class);
    }
  }
  if (out.empty()) out = rest.substr(0, size);
  rest.remove_prefix(size);
  return out;
}

}  // namespace

std::string for_re2(std::string_view pattern) {
  const auto has = [pattern](std::string_view piece) { return pattern.find(piece) != std::string_view::npos; };
  if (!has("(?<") && !has("\\p{") && !has("\\P{")) return std::string(pattern);
  std::string out;
  bool in_class = false;
  for (std::string_view rest = pattern; !rest.empty();) {
    if (rest.front() == '\\') {
      out += take_escape(rest, in_class);
      continue;
    }
    std::size_t size = 1;
    if (in_class) {
      in_class = rest.front() != ']';
      if (const std::size_t end = rest.find(":]"); rest.starts_with("[:") && end != std::string_view::npos)
        size = end + 2;
    } else if (rest.front() == '[') {
      in_class = true;
      size = rest.starts_with("[^") ? 2 : 1;
      if (rest.substr(size).starts_with(']')) ++size;  // stands for itself
    } else if (rest.starts_with("(?<") && rest.size() > 3) {
      out += "(?P<";
      rest.remove_prefix(3);
      continue;
    }
    out += rest.substr(0, size);
    rest.remove_prefix(size);
  }
  return out;
}

}  // namespace longshore::tmpl::regexp
