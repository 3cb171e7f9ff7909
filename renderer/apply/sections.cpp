#include "renderer/apply/sections.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::render::apply {
namespace {

constexpr std::string_view kBegin = "# longshore:part ";
constexpr std::string_view kElse = "# longshore:else";
constexpr std::string_view kEnd = "# longshore:end";

// The line at `at` with its newline; moves `at` behind it.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = text.find('\n', at);
  const std::size_t length = end == std::string_view::npos ? text.size() - at : end + 1 - at;
  const std::string_view line = text.substr(at, length);
  at += length;
  return line;
}

// "# server {" is "server {" in the place of the part.
void add_fallback(std::string& fallback, std::string_view line) {
  const std::size_t hash = line.find('#');
  if (hash == std::string_view::npos || line.find_first_not_of(" \t") != hash) return;
  std::string_view rest = line.substr(hash + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  fallback += line.substr(0, hash);
  fallback += rest;
}

}  // namespace

std::vector<Section> sections_of(std::string_view text) {
  std::vector<Section> out;
  Section current;
  std::size_t begin = 0;
  bool inside = false, other = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const std::string_view line = next_line(text, at);
    const std::string_view word = base::trim(line);
    if (word.starts_with(kBegin)) {
      current = Section{};
      current.name = std::string(base::trim(word.substr(kBegin.size())));
      begin = start;
      inside = true;
      other = false;
    } else if (inside && word == kElse) {
      other = true;
    } else if (inside && word == kEnd) {
      current.whole = text.substr(begin, at - begin);
      const auto same = [&](const Section& known) { return known.name == current.name; };
      if (!current.name.empty() && std::ranges::none_of(out, same)) out.push_back(current);
      inside = false;
    } else if (inside && other) {
      add_fallback(current.fallback, line);
    }
  }
  return out;
}

std::string without_sections(std::string_view text, const std::vector<std::string>& names, std::string_view good) {
  const std::vector<Section> before = sections_of(good);
  std::string out;
  std::size_t done = 0;
  for (const Section& section : sections_of(text)) {
    if (std::ranges::find(names, section.name) == names.end()) continue;
    const auto begin = static_cast<std::size_t>(section.whole.data() - text.data());
    out += text.substr(done, begin - done);
    done = begin + section.whole.size();
    const auto known = std::ranges::find(before, section.name, &Section::name);
    if (known != before.end() && known->whole != section.whole)
      out += known->whole;
    else
      out += "# longshore:part " + section.name + "\n" + section.fallback + "# longshore:end\n";
  }
  out += text.substr(done);
  return out;
}

std::string_view line_at(std::string_view text, std::size_t number) {
  for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
    const std::string_view here = next_line(text, at);
    if (line == number) return here.ends_with('\n') ? here.substr(0, here.size() - 1) : here;
  }
  return {};
}

const Section* section_at(const std::vector<Section>& sections, std::string_view text, std::size_t line) {
  const std::string_view here = line_at(text, line);
  if (here.data() == nullptr) return nullptr;
  for (const Section& section : sections)
    if (here.data() >= section.whole.data() && here.data() < section.whole.data() + section.whole.size())
      return &section;
  return nullptr;
}

}  // namespace longshore::render::apply
