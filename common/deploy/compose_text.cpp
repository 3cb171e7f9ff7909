#include "common/deploy/compose_text.h"

namespace longshore::deploy {
namespace {

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Result<std::string> value_of(const std::string& name, const std::string* fallback, const std::string& where,
                             const Variable& variable) {
  const std::optional<std::string> known = variable(name);
  if (known && !(known->empty() && fallback != nullptr)) return *known;
  if (fallback != nullptr) return *fallback;
  return fail(Errc::invalid_input, where + ": the variable " + name + " is not set");
}

}  // namespace

Result<std::string> interpolate(const std::string& text, const std::string& where, const Variable& variable) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$') {
      out += text[at++];
      continue;
    }
    ++at;
    if (at < text.size() && text[at] == '$') {
      out += '$';
      ++at;
      continue;
    }
    if (at < text.size() && text[at] == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) return fail(Errc::invalid_input, where + ": ${ without }");
      std::string name = text.substr(at + 1, end - at - 1);
      std::string fallback;
      const std::size_t colon = name.find(":-");
      const bool has_fallback = colon != std::string::npos;
      if (has_fallback) {
        fallback = name.substr(colon + 2);
        name.resize(colon);
      }
      LS_TRY(value, value_of(name, has_fallback ? &fallback : nullptr, where, variable));
      out += value;
      at = end + 1;
      continue;
    }
    const std::size_t from = at;
    while (at < text.size() && is_name_part(text[at])) ++at;
    if (at == from) return fail(Errc::invalid_input, where + ": $ without a name; write $$ for a dollar");
    LS_TRY(value, value_of(text.substr(from, at - from), nullptr, where, variable));
    out += value;
  }
  return out;
}

Result<std::string> scalar_text(const json::Value& value, const std::string& where, const Variable& variable) {
  if (value.is_null()) return std::string();
  if (value.is_string()) return interpolate(value.get<std::string>(), where, variable);
  if (value.is_boolean() || value.is_number()) return json::dump(value);
  return fail(Errc::invalid_input, where + ": no text");
}

Result<std::vector<std::string>> scalar_list(const json::Value& value, const std::string& where,
                                             const Variable& variable) {
  std::vector<std::string> out;
  if (value.is_null()) return out;
  if (!value.is_array()) return fail(Errc::invalid_input, where + ": no list");
  for (const json::Value& item : value) {
    LS_TRY(text, scalar_text(item, where, variable));
    out.push_back(std::move(text));
  }
  return out;
}

Result<std::vector<std::string>> shell_words(const std::string& text, const std::string& where) {
  std::vector<std::string> out;
  std::string word;
  bool inside = false;
  char quote = '\0';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
      quote = '\0';
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word += text[++at];
      inside = true;
    } else if (quote != '\0') {
      word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (inside) out.push_back(std::exchange(word, {}));
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (quote != '\0') return fail(Errc::invalid_input, where + ": a quote that does not end");
  if (inside) out.push_back(word);
  return out;
}

}  // namespace longshore::deploy
