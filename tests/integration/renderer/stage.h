// A renderer on its own event loop, in a directory of its own, driven by the test.
#pragma once
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "common/async/task_group.h"
#include "common/status/log.h"
#include "renderer/renderer.h"
#include "tests/integration/renderer/fake_consul.h"

namespace longshore::render::test {

// Removed with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string slurp(const std::string& path);  // "" if there is none
void spill(const std::string& path, const std::string& text);
bool exists(const std::string& path);

class Stage {
 public:
  Stage();
  ~Stage();

  // Adds a template; its destination is NAME.out in the directory.
  void add(const std::string& name, const std::string& text, const std::string& command = {});
  void start();
  // Runs the loop until `done`; false after `limit`.
  bool until(const std::function<bool()>& done, base::Duration limit = std::chrono::seconds(10));
  bool until_file(const std::string& name, const std::string& text, base::Duration limit = std::chrono::seconds(10));
  // The loop runs this long, and the condition holds all the time.
  bool stays(const std::function<bool()>& condition, base::Duration duration);
  std::string file(const std::string& name) const { return slurp(dir / (name + ".out")); }
  // request_stop and the loop until the end; the exit code.
  int stop();

  TempDir dir;
  FakeConsul consul;
  RenderConfig config;
  std::optional<int> code;
  boost::asio::io_context loop;  // outlives what runs on it
  std::unique_ptr<Renderer> renderer;

 private:
  async::Awaitable<void> run();

  status::Log log_;
  std::unique_ptr<async::TaskGroup> tasks_;
};

}  // namespace longshore::render::test
