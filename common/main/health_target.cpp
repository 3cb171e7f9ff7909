#include "common/main/health_target.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "common/base/text.h"
#include "common/main/dispatch.h"
#include "common/main/process_options.h"

namespace longshore::app {
namespace {

constexpr const char* kUsual = "127.0.0.1:8511";

// Words that each end with a NUL.
std::vector<std::string> read_words(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) words.push_back(std::move(word));
  return words;
}

bool is_ours(const std::string& word) {
  const std::string name = word.substr(word.rfind('/') + 1);
  return name == "longshore" || name == "registrator" || name == "consul-template";
}

}  // namespace

FirstProcess read_first_process(const cli::Environment& own, const std::string& proc) {
  FirstProcess first;
  first.argv = read_words(proc + "/1/cmdline");
  if (!first.argv.empty() && !is_ours(first.argv.front())) {
    const auto end = std::ranges::find(first.argv, "--");
    first.argv.erase(first.argv.begin(), end == first.argv.end() ? end : end + 1);
  }
  if (first.argv.empty() || !is_ours(first.argv.front())) return {};
  for (const std::string& entry : read_words(proc + "/1/environ"))
    if (const std::size_t equals = entry.find('='); equals != std::string::npos)
      first.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  if (first.environment.empty()) first.environment = own;
  return first;
}

HealthTarget health_target(const FirstProcess& first, const cli::Environment& own) {
  if (!first.argv.empty()) {
    const Call call = read_call(first.argv, first.environment);
    HealthTarget target;
    target.runs = call.verb == nullptr ? "longshore" : "longshore " + std::string(call.verb->name);
    if (call.verb != nullptr && call.verb->pages != nullptr) target.address = call.verb->pages(call.invocation);
    return target;
  }
  if (const auto found = own.find("LONGSHORE_HTTP_ADDR"); found != own.end() && !found->second.empty())
    return {found->second};
  for (const char* verb : {"agent", "render", "registry", "proxy"})
    if (std::string text = pages_of_variable(own, verb); !text.empty()) return {std::move(text)};
  return {kUsual};
}

}  // namespace longshore::app
