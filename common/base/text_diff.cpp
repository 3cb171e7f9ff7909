#include "common/base/text_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace longshore::base {
namespace {

using Lines = std::vector<std::string_view>;  // each with its newline, if it has one

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// One line of the whole script: kept (' '), removed ('-') or added ('+').
struct Edit {
  char kind;
  std::string_view line;
};

// Myers' greedy algorithm; the furthest reach of each round is kept to walk back. Empty: more than kMostEdits.
std::vector<Edit> shortest_script(const Lines& from, const Lines& to) {
  const int n = static_cast<int>(from.size());
  const int m = static_cast<int>(to.size());
  const int most = std::min(n + m, kMostEdits);
  const auto at = [most](int k) { return static_cast<std::size_t>(k + most + 1); };
  std::vector<int> reach(static_cast<std::size_t>(2 * most + 3), 0);
  std::vector<std::vector<int>> rounds;
  const auto line = [](const Lines& lines, int i) { return lines[static_cast<std::size_t>(i)]; };
  const auto down = [&](const std::vector<int>& r, int k, int d) {
    return k == -d || (k != d && r[at(k - 1)] < r[at(k + 1)]);
  };
  int d = 0;
  for (bool found = false; !found; ++d) {
    if (d > most) return {};
    rounds.push_back(reach);
    for (int k = -d; k <= d && !found; k += 2) {
      int x = down(reach, k, d) ? reach[at(k + 1)] : reach[at(k - 1)] + 1;
      while (x < n && x - k < m && line(from, x) == line(to, x - k)) ++x;
      reach[at(k)] = x;
      found = x >= n && x - k >= m;
    }
  }
  std::vector<Edit> script;
  int x = n;
  int y = m;
  for (int round = d - 1; round >= 0; --round) {
    const std::vector<int>& r = rounds[static_cast<std::size_t>(round)];
    const int k = x - y;
    const bool came_down = down(r, k, round);
    const int before_x = round == 0 ? 0 : r[at(came_down ? k + 1 : k - 1)];
    const int before_y = round == 0 ? 0 : before_x - (came_down ? k + 1 : k - 1);
    while (x > before_x && y > before_y) {
      script.push_back({' ', line(from, --x)});
      --y;
    }
    if (round == 0) break;
    if (came_down)
      script.push_back({'+', line(to, --y)});
    else
      script.push_back({'-', line(from, --x)});
  }
  std::reverse(script.begin(), script.end());
  return script;
}

std::vector<Edit> script_of(const Lines& before, const Lines& after) {
  std::size_t head = 0;
  while (head < before.size() && head < after.size() && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < before.size() - head && tail < after.size() - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head), lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  const Lines from = middle(before);
  const Lines to = middle(after);
  std::vector<Edit> script;
  for (std::size_t i = 0; i < head; ++i) script.push_back({' ', before[i]});
  const std::vector<Edit> inner = shortest_script(from, to);
  script.insert(script.end(), inner.begin(), inner.end());
  if (inner.empty()) {
    for (const std::string_view line : from) script.push_back({'-', line});
    for (const std::string_view line : to) script.push_back({'+', line});
  }
  for (std::size_t i = before.size() - tail; i < before.size(); ++i) script.push_back({' ', before[i]});
  return script;
}

// "3" or "3,2"; an empty range names the line before it.
std::string range(std::size_t start, std::size_t count) {
  const std::string from = std::to_string(count == 0 ? start : start + 1);
  return count == 1 ? from : from + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, const std::string& before_name,
                         const std::string& after_name) {
  constexpr std::size_t kContext = 3;
  if (before == after) return {};
  const std::vector<Edit> script = script_of(lines_of(before), lines_of(after));
  std::string out = "--- " + before_name + "\n+++ " + after_name + "\n";
  std::size_t old_line = 0;  // lines of each side before script[i]
  std::size_t new_line = 0;
  for (std::size_t i = 0; i < script.size();) {
    if (script[i].kind == ' ') {
      ++i;
      ++old_line;
      ++new_line;
      continue;
    }
    // A hunk ends where more than twice the context is unchanged.
    std::size_t last = i;
    for (std::size_t j = i; j < script.size() && j - last <= 2 * kContext + 1; ++j)
      if (script[j].kind != ' ') last = j;
    std::size_t lead = 0;
    while (lead < kContext && lead < i && script[i - 1 - lead].kind == ' ') ++lead;
    const std::size_t end = std::min(last + 1 + kContext, script.size());
    std::string body;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (std::size_t j = i - lead; j < end; ++j) {
      old_count += script[j].kind != '+' ? 1 : 0;
      new_count += script[j].kind != '-' ? 1 : 0;
      body += script[j].kind;
      body += script[j].line;
      if (!script[j].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
    }
    out += "@@ -" + range(old_line - lead, old_count) + " +" + range(new_line - lead, new_count) + " @@\n" + body;
    old_line += old_count - lead;
    new_line += new_count - lead;
    i = end;
  }
  return out;
}

}  // namespace longshore::base
