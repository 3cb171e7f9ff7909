#include "renderer/io/nginx_includes.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace longshore::render {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("the arguments of include directives") {
  CHECK(include_arguments("include a.conf;\nhttp { include b/*.conf; server { include 'c d'; } }") ==
        Names{"a.conf", "b/*.conf", "c d"});
  CHECK(include_arguments("# include no;\nlog_format x 'include y;';\nset $include z;") == Names{});
  CHECK(include_arguments("include\n  /etc/nginx/sites-enabled/* ;") == Names{"/etc/nginx/sites-enabled/*"});
  CHECK(include_arguments("include") == Names{});
  CHECK(include_arguments("include \"unclosed") == Names{"unclosed"});
  CHECK(include_arguments("") == Names{});
}

TEST_CASE("includes of includes count from the folder of the first file") {
  char folder[] = "/tmp/ls-includes-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::filesystem::path base = folder;
  std::filesystem::create_directories(base / "sub");
  std::ofstream(base / "nginx.conf") << "include sub/*.conf;\ninclude nginx.conf;\n";
  std::ofstream(base / "sub/one.conf") << "include sites/*;\n";
  const Names patterns = include_patterns((base / "nginx.conf").string());
  CHECK(patterns.size() == 3);
  CHECK(is_included(patterns, (base / "sites/web.bak").string()));
  CHECK_FALSE(is_included(patterns, (base / "sub/web.conf.bak").string()));
  CHECK_FALSE(is_included(patterns, (base / "sites/.web").string()));
  CHECK_FALSE(is_included(patterns, (base / "sites/deeper/web").string()));
  CHECK(include_patterns((base / "absent.conf").string()).empty());
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace longshore::render
