#include "tests/integration/renderer/stage.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/consul/environment.h"

namespace longshore::render::test {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "longshore-render-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}
TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void spill(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool exists(const std::string& path) {
  return std::filesystem::exists(std::filesystem::symlink_status(path));
}

Stage::Stage()
    : log_({.level = std::getenv("LOG") != nullptr ? base::Level::trace : base::Level::error, .component = "render"}) {
  config.watch.backoff_first = std::chrono::milliseconds(20);
  config.watch.backoff_most = std::chrono::milliseconds(100);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = text.find('=');
    config.command_environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
}

Stage::~Stage() {
  if (renderer && !code) stop();
}

void Stage::add(const std::string& name, const std::string& text, const std::string& command) {
  spill(dir / name, text);
  config.machine.templates.push_back({.source = dir / name, .destination = dir / (name + ".out"), .command = command});
}

async::Awaitable<void> Stage::run() {
  code = co_await renderer->run();
}

void Stage::start() {
  auto set = consul::set_address(config.consul, consul.address());
  if (!set) std::abort();
  renderer = std::make_unique<Renderer>(loop.get_executor(), config, log_);
  tasks_ = std::make_unique<async::TaskGroup>(loop.get_executor());
  tasks_->spawn("renderer", run());
}

bool Stage::until(const std::function<bool()>& done, base::Duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(10));
  }
  return true;
}

bool Stage::until_file(const std::string& name, const std::string& text, base::Duration limit) {
  return until([&] { return file(name) == text; }, limit);
}

bool Stage::stays(const std::function<bool()>& condition, base::Duration duration) {
  return !until([&] { return !condition(); }, duration);
}

int Stage::stop() {
  renderer->request_stop();
  until([&] { return code.has_value(); }, std::chrono::seconds(20));
  until([&] { return tasks_->size() == 0; });
  return code.value_or(-1);
}

}  // namespace longshore::render::test
