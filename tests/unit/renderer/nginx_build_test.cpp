#include "renderer/core/nginx_build.h"

#include <doctest/doctest.h>

#include <string>

using longshore::render::NginxBuild;

namespace {

// What Debian 12's nginx says, its compiler options left out.
const std::string kDebian =
    "nginx version: nginx/1.22.1\nbuilt with OpenSSL 3.0.11 19 Sep 2023\nTLS SNI support enabled\n"
    "configure arguments: --with-cc-opt='-g -O2' --prefix=/usr/share/nginx --modules-path=/usr/lib/nginx/modules "
    "--with-http_ssl_module --with-http_v2_module --with-stream_ssl_module --with-http_perl_module=dynamic "
    "--with-stream=dynamic";

}  // namespace

TEST_CASE("features: by version, by what is left out, by files of modules") {
  struct Row {
    const char* text;
    const char* what;
    bool has;
  };
  const std::string with_stream = kDebian + "\nmodules: ngx_stream_module.so";
  const std::string small =
      "nginx version: nginx/1.26.0\nconfigure arguments: --prefix=/opt/nginx "
      "--without-http_upstream_zone_module --without-http_upstream_random_module --without-http-cache";
  const std::string fresh =
      "nginx version: nginx/1.27.4 (mainline)\nconfigure arguments: --prefix=/etc/nginx --with-stream "
      "--with-http_v2_module --with-http_v3_module";
  const std::string old = "nginx version: nginx/1.14.2\nconfigure arguments: --prefix=/etc/nginx";
  const std::string other =
      "nginx version: openresty/1.21.4.1\nconfigure arguments: --prefix=/usr/local/openresty/nginx";
  for (const Row& row : std::initializer_list<Row>{{kDebian.c_str(), "zone", true},
                                                   {kDebian.c_str(), "random", true},
                                                   {kDebian.c_str(), "keepalive", true},
                                                   {kDebian.c_str(), "cache", true},
                                                   {kDebian.c_str(), "resolve", false},
                                                   {kDebian.c_str(), "http2", false},
                                                   {kDebian.c_str(), "http_v2_module", true},
                                                   {kDebian.c_str(), "http_v2", true},
                                                   {kDebian.c_str(), "http_realip", false},
                                                   {kDebian.c_str(), "stream", false},
                                                   {kDebian.c_str(), "stream_ssl", true},
                                                   {kDebian.c_str(), "1.22.1", true},
                                                   {kDebian.c_str(), "1.22", true},
                                                   {kDebian.c_str(), "1.23", false},
                                                   {kDebian.c_str(), "1.x", false},
                                                   {kDebian.c_str(), "", false},
                                                   {with_stream.c_str(), "stream", true},
                                                   {with_stream.c_str(), "http_perl", false},
                                                   {small.c_str(), "zone", false},
                                                   {small.c_str(), "random", false},
                                                   {small.c_str(), "cache", false},
                                                   {small.c_str(), "least_conn", true},
                                                   {fresh.c_str(), "resolve", true},
                                                   {fresh.c_str(), "http2", true},
                                                   {fresh.c_str(), "quic", true},
                                                   {fresh.c_str(), "stream", true},
                                                   {old.c_str(), "random", false},
                                                   {old.c_str(), "zone", true},
                                                   {other.c_str(), "1.21.4", true},
                                                   // Nothing is known: Debian's, without modules that are files.
                                                   {"sh: 1: nginx: not found", "random", true},
                                                   {"", "resolve", false},
                                                   {"", "stream", false}}) {
    CAPTURE(row.text);
    CAPTURE(row.what);
    CHECK(NginxBuild(row.text).has(row.what) == row.has);
  }
}

TEST_CASE("version and files of modules") {
  const NginxBuild debian(kDebian + "\nmodules: ngx_http_perl_module.so ngx_stream_module.so");
  CHECK(debian.known());
  CHECK(debian.version() == "1.22.1");
  CHECK(debian.modules_path() == "/usr/lib/nginx/modules");
  CHECK(debian.module_file("stream") == "/usr/lib/nginx/modules/ngx_stream_module.so");
  CHECK(debian.module_file("http_perl_module") == "/usr/lib/nginx/modules/ngx_http_perl_module.so");
  CHECK(debian.module_file("mail") == "");
  CHECK(NginxBuild("nginx version: nginx/1.27.4 (mainline)").version() == "1.27.4");
  CHECK(NginxBuild("nginx version: nginx/1.26.0\nconfigure arguments: --prefix=/opt/n").modules_path() ==
        "/opt/n/modules");
  CHECK_FALSE(NginxBuild("nginx version: nginx/none").known());
  CHECK(NginxBuild("").version() == "");
}
