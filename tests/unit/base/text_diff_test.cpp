#include "common/base/text_diff.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "common/base/text.h"

namespace longshore::base {
namespace {

struct Row {
  std::string before;
  std::string after;
  std::string expected;  // what GNU diff 3.8 prints with -u --label old --label new
};

const std::vector<Row> kRows = {
    {"a\nb\nc\n", "a\nB\nc\n", "--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"},
    {"", "one\ntwo\n", "--- old\n+++ new\n@@ -0,0 +1,2 @@\n+one\n+two\n"},
    {"one\ntwo\n", "", "--- old\n+++ new\n@@ -1,2 +0,0 @@\n-one\n-two\n"},
    {"a\nb", "a\nb\n", "--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
    {"l1\nl2\nl3\nl4\nl5\nl6\nl7\nl8\nl9\nl10\nl11\nl12\nl13\nl14\nl15\nl16\nl17\nl18\nl19\nl20\n",
     "l1\nx2\nl3\nl4\nl5\nl6\nl7\nl8\nl9\nl10\nl11\nl12\nl13\nl14\nl15\nl16\nl17\nx18\nl19\nl20\n",
     "--- old\n+++ new\n@@ -1,5 +1,5 @@\n l1\n-l2\n+x2\n l3\n l4\n l5\n@@ -15,6 +15,6 @@\n l15\n l16\n "
     "l17\n-l18\n+x18\n l19\n l20\n"},
    {"l1\nl2\nl3\nl4\nl5\nl6\nl7\nl8\nl9\nl10\n", "l1\nx2\nl3\nl4\nl5\nl6\nl7\nl8\nx9\nl10\n",
     "--- old\n+++ new\n@@ -1,10 +1,10 @@\n l1\n-l2\n+x2\n l3\n l4\n l5\n l6\n l7\n l8\n-l9\n+x9\n l10\n"},
    {"a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nd\nnew\ne\nf\ng\n",
     "--- old\n+++ new\n@@ -2,6 +2,7 @@\n b\n c\n d\n+new\n e\n f\n g\n"},
    {"same\nold end", "same\nnew end",
     "--- old\n+++ new\n@@ -1,2 +1,2 @@\n same\n-old end\n\\ No newline at end of file\n+new end\n\\ No newline at end "
     "of file\n"},
};

TEST_CASE("the unified form is that of GNU diff") {
  for (const Row& row : kRows) CHECK(unified_diff(row.before, row.after, "old", "new") == row.expected);
  CHECK(unified_diff("a\n", "a\n", "old", "new").empty());
}

// Applies a diff by its hunk headers, as patch does without fuzz. The texts end with newlines.
std::string patched(const std::string& text, const std::string& diff) {
  const std::vector<std::string> lines = split(text, '\n');
  std::string out;
  std::size_t at = 0;
  const auto keep_until = [&](std::size_t end) {
    for (; at < end; ++at) out += lines[at] + "\n";
  };
  for (const std::string& line : split(diff, '\n')) {
    if (line.starts_with("---") || line.starts_with("+++") || line.empty()) continue;
    if (line.starts_with("@@")) {
      const std::size_t start = std::stoul(line.substr(4));
      const bool empty = line.substr(0, line.find(" +")).ends_with(",0");
      keep_until(empty ? start : start - 1);
    } else if (line[0] == '+') {
      out += line.substr(1) + "\n";
    } else {
      REQUIRE(lines[at] == line.substr(1));
      if (line[0] == ' ') out += lines[at] + "\n";
      ++at;
    }
  }
  keep_until(lines.size() - 1);
  return out;
}

std::size_t longest_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::vector<std::size_t>> best(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j)
      best[i][j] = a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : std::max(best[i - 1][j], best[i][j - 1]);
  return best[a.size()][b.size()];
}

TEST_CASE("random texts: the diff applies, and no shorter one exists") {
  std::mt19937 random(7);
  const auto text = [&](std::size_t most) {
    std::string out;
    for (std::size_t i = random() % most; i > 0; --i)
      out += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    return out;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string before = text(30);
    const std::string after = text(30);
    const std::string diff = unified_diff(before, after, "old", "new");
    CAPTURE(before);
    CAPTURE(after);
    REQUIRE(patched(before, diff) == after);
    if (diff.empty()) continue;
    const std::vector<std::string> old_lines = split(before, '\n');
    const std::vector<std::string> new_lines = split(after, '\n');
    std::size_t edits = 0;
    for (const std::string& line : split(diff, '\n'))
      edits += line.size() == 2 && (line[0] == '+' || line[0] == '-') ? 1 : 0;
    // split() leaves an empty last piece on both sides, which is common to them.
    CHECK(edits == old_lines.size() + new_lines.size() - 2 * longest_common(old_lines, new_lines));
  }
}

TEST_CASE("texts that share nothing are one block out and one in, whatever their length") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3 * kMostEdits; ++i) {
    before += "b" + std::to_string(i) + "\n";
    after += "a" + std::to_string(i) + "\n";
  }
  const std::string diff = unified_diff("head\n" + before, "head\n" + after, "old", "new");
  CHECK(diff.starts_with("--- old\n+++ new\n@@ -1,6001 +1,6001 @@\n head\n-b0\n"));
  CHECK(patched("head\n" + before, diff) == "head\n" + after);
}

}  // namespace
}  // namespace longshore::base
