#include "common/net/line_framer.h"

#include <doctest/doctest.h>

#include <vector>

namespace longshore::net {
namespace {

std::vector<std::string> drain(LineFramer& framer) {
  std::vector<std::string> out;
  while (auto line = framer.next()) out.push_back(*line);
  return out;
}

TEST_CASE("lines come out whole, however the bytes were cut") {
  const std::string text = "one\r\n\ntwo\nthree";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineFramer framer(100);
    std::vector<std::string> lines;
    framer.feed(text.substr(0, cut));
    for (auto& line : drain(framer)) lines.push_back(line);
    framer.feed(text.substr(cut));
    for (auto& line : drain(framer)) lines.push_back(line);
    CHECK(lines == std::vector<std::string>{"one", "", "two"});
  }
}

TEST_CASE("a line over the bound is dropped to its end and counted once") {
  LineFramer framer(4);
  framer.feed("abcde");
  CHECK(drain(framer).empty());
  framer.feed("fghijkl");
  CHECK(drain(framer).empty());
  framer.feed("mn\nok\ntoolong\nfine\n");
  CHECK(drain(framer) == std::vector<std::string>{"ok", "fine"});
  CHECK(framer.dropped() == 2);
}

}  // namespace
}  // namespace longshore::net
