#include "common/main/why_question.h"

#include <doctest/doctest.h>

namespace longshore::app {
namespace {

struct Row {
  const char* text;
  std::vector<std::string> addresses;
  std::vector<std::string> words;
};

const std::vector<Row> kRows = {
    {"10.0.0.1:80", {"10.0.0.1:80"}, {"10.0.0.1:80"}},
    {"  10.0.0.1:80 ", {"10.0.0.1:80"}, {"10.0.0.1:80"}},
    {"[2001:db8::1]:8080", {"[2001:db8::1]:8080"}, {"[2001:db8::1]:8080"}},
    {"    server 10.0.0.1:80 max_fails=3;", {"10.0.0.1:80"}, {}},
    {"server web-1 10.0.0.1:80 check inter 2s", {"10.0.0.1:80"}, {}},
    {"BACKENDS=10.0.0.1:80,10.0.0.2:81", {"10.0.0.1:80", "10.0.0.2:81"}, {"BACKENDS=10.0.0.1:80,10.0.0.2:81"}},
    {"\"targets\": [\"10.0.0.1:80\"]", {"10.0.0.1:80"}, {}},
    {"proxy_pass http://backend.internal:8080/path;", {"backend.internal:8080"}, {}},
    {"10.0.0.1:80 10.0.0.1:80", {"10.0.0.1:80"}, {}},
    {"web", {}, {"web"}},
    {"host-1:web-1:80", {}, {"host-1:web-1:80"}},
    {"host-1:web-1:80:udp", {}, {"host-1:web-1:80:udp"}},
    {"web and db", {}, {"web", "and", "db"}},
    {"10.0.0.1", {}, {"10.0.0.1"}},
    {"10.0.0.1:0", {}, {"10.0.0.1:0"}},
    {"10.0.0.1:65536", {}, {"10.0.0.1:65536"}},
    {":80", {}, {":80"}},
    {"", {}, {}},
};

TEST_CASE("what was typed becomes addresses and words") {
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    const WhyQuestion question = parse_why(row.text);
    CHECK(question.addresses == row.addresses);
    CHECK(question.words == row.words);
  }
}

TEST_CASE("a file and a line") {
  CHECK(parse_file_line("/etc/nginx/web.conf:12").path == "/etc/nginx/web.conf");
  CHECK(parse_file_line("/etc/nginx/web.conf:12").line == 12);
  CHECK(parse_file_line("a:b:3").path == "a:b");
  for (const char* other : {"/etc/nginx/web.conf", "/etc/nginx/web.conf:", "web.conf:0", "web.conf:x", ":3", ""})
    CHECK(parse_file_line(other).path.empty());
}

}  // namespace
}  // namespace longshore::app
