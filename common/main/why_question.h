// What a person typed after `longshore why`, as things that components can look up. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace longshore::app {

struct WhyQuestion {
  std::string asked;                   // as typed, or the line that FILE:LINE names
  std::vector<std::string> addresses;  // "10.0.0.1:80", "[::1]:80"
  std::vector<std::string> words;      // service, service ID, node, container: the whole text, if it is one word
  bool operator==(const WhyQuestion&) const = default;
};

// A line of a rendered file ("    server 10.0.0.1:80 max_fails=3;"), an address, or a name. Every host:port in the text
// is an address; a text of several words without one is taken word by word.
WhyQuestion parse_why(std::string_view text);

// "PATH:12": path and number; an empty path when the text has another form.
struct FileLine {
  std::string path;
  std::size_t line = 0;  // from 1
};
FileLine parse_file_line(std::string_view text);

}  // namespace longshore::app
