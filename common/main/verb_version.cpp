#include "common/main/verbs.h"
#include "common/status/build_info.h"

namespace longshore::app {

cli::Command version_command() {
  cli::Command command;
  command.name = "version";
  command.summary = "Show version and commit.";
  command.usage = {"longshore version"};
  return command;
}

int run_version(const Invocation& invocation) {
  const auto options = read_options(version_command(), invocation);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const status::BuildInfo build = status::build_info();
  print("longshore " + std::string(build.version) + " (" + std::string(build.commit) + ")\n");
  return 0;
}

}  // namespace longshore::app
