#include "agent/engine_memory.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "agent/state_file.h"
#include "common/base/text.h"

namespace longshore::agent {
namespace {

std::filesystem::path file_in(const std::string& state_dir) {
  return std::filesystem::path(state_dir) / "engines";
}

// Words of a line have no spaces.
std::string word(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }, '_');
  return text;
}

}  // namespace

EngineMemory::EngineMemory(std::string state_dir, std::string nonce, std::string socket)
    : state_dir_(std::move(state_dir)), nonce_(word(std::move(nonce))), socket_(word(std::move(socket))) {
  if (state_dir_.empty()) return;
  for (const std::string& line : base::split(read_whole_file(file_in(state_dir_)), '\n')) {
    const std::vector<std::string> words = base::split(line, ' ');
    if (words.size() != 3 || words[0] != nonce_) continue;
    if (words[1] == socket_)
      engines_.push_back(words[2]);
    else
      others_.push_back(line);
  }
}

std::string EngineMemory::remember(const std::string& engine) {
  const std::string id = word(engine);
  if (state_dir_.empty() || id.empty() || (!engines_.empty() && engines_.back() == id)) return {};
  std::erase(engines_, id);
  engines_.push_back(id);
  if (engines_.size() > kMost) engines_.erase(engines_.begin());
  std::string text;
  for (const std::string& line : others_) text += line + "\n";
  for (const std::string& known : engines_) text += nonce_ + " " + socket_ + " " + known + "\n";
  return write_state_file(file_in(state_dir_), text);
}

}  // namespace longshore::agent
