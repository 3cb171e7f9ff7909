// What a build of nginx can do, as its `-V` tells: so that templates write what that version understands. Pure.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::render {

class NginxBuild {
 public:
  // `text`: what -V says, and a line `modules: NAME.so ..` with the files of the modules path. What is no such text
  // gives known() == false; the build is then taken for Debian 12's 1.22.1 without dynamic modules.
  explicit NginxBuild(std::string_view text);

  bool known() const { return known_; }
  // "1.22.1"; "" when it is not known.
  const std::string& version() const { return version_text_; }
  // "1.25.1" or higher. What is no version: false.
  bool at_least(std::string_view version) const;
  // A feature of configurations (zone random least_conn keepalive resolve stream stream_ssl http2 cache quic), a
  // version that it has to have at least ("1.25.1"), or a module as -V names it ("http_realip_module").
  bool has(std::string_view what) const;
  // What `load_module` has to name for a module that is a file: "/usr/lib/nginx/modules/ngx_stream_module.so" for
  // "stream"; "" if it is compiled in, or not there.
  std::string module_file(std::string_view module) const;
  // Where module files are: --modules-path, or below --prefix. "" without both.
  std::string modules_path() const;

 private:
  using Version = std::array<int, 3>;
  static bool parse(std::string_view text, Version& out);
  bool argument(std::string_view name) const;   // --name or --name=..
  bool without(std::string_view module) const;  // --without-<module>
  std::string value_of(std::string_view name) const;

  bool known_ = false;
  std::string version_text_;
  Version version_{1, 22, 1};
  std::vector<std::string> arguments_;
  std::vector<std::string> files_;
};

}  // namespace longshore::render
