#include "renderer/io/nginx_includes.h"

#include <fnmatch.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

namespace longshore::render {
namespace {

constexpr std::size_t kMostFiles = 1000;

// The next word of nginx's language: a quoted or plain word, or one of ; { }.
std::optional<std::string> next_word(std::string_view& text) {
  for (;;) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return std::nullopt;
    text.remove_prefix(start);
    if (text.front() != '#') break;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end);
  }
  std::string word;
  const char first = text.front();
  if (first == ';' || first == '{' || first == '}') {
    text.remove_prefix(1);
    return std::string(1, first);
  }
  const bool quoted = first == '"' || first == '\'';
  std::size_t at = quoted ? 1 : 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      word += text[++at];
      continue;
    }
    if (quoted ? c == first : std::string_view(" \t\r\n;{").find(c) != std::string_view::npos) break;
    word += c;
  }
  text.remove_prefix(std::min(at + (quoted ? 1 : 0), text.size()));
  return word;
}

std::optional<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> expand(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return paths;
}

}  // namespace

std::vector<std::string> include_arguments(std::string_view text) {
  std::vector<std::string> out;
  bool statement_starts = true;
  bool is_include = false;
  while (const auto word = next_word(text)) {
    const bool ends = *word == ";" || *word == "{" || *word == "}";
    if (is_include && !ends) out.push_back(*word);
    is_include = statement_starts && *word == "include";
    statement_starts = ends;
  }
  return out;
}

std::vector<std::string> include_patterns(const std::string& conf_path) {
  const std::filesystem::path folder = std::filesystem::path(conf_path).parent_path();
  std::set<std::string> seen;
  std::vector<std::string> patterns;
  std::vector<std::string> todo = {conf_path};
  while (!todo.empty() && seen.size() < kMostFiles) {
    const std::string path = std::move(todo.back());
    todo.pop_back();
    if (!seen.insert(path).second) continue;
    const auto text = read(path);
    if (!text) continue;
    for (const std::string& argument : include_arguments(*text)) {
      std::string pattern = (folder / argument).string();
      for (std::string& file : expand(pattern)) todo.push_back(std::move(file));
      if (std::ranges::find(patterns, pattern) == patterns.end()) patterns.push_back(std::move(pattern));
    }
  }
  return patterns;
}

bool is_included(const std::vector<std::string>& patterns, const std::string& path) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  });
}

}  // namespace longshore::render
