// Which engines this agent has served at which socket: <state-dir>/engines, a line "<nonce> <socket> <engine ID>" each.
// After Docker's data directory was replaced (another engine answers at the same socket) the entries of the former
// engine are recognised by it. Another socket is another agent's business.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace longshore::agent {

class EngineMemory {
 public:
  // state_dir "" = remembers nothing. Lines of another nonce are another machine's: the disk was copied.
  EngineMemory(std::string state_dir, std::string nonce, std::string socket);

  // Oldest first.
  const std::vector<std::string>& engines() const { return engines_; }
  // Keeps the last kMost of this socket. Returns why it could not be written, "" = done, or nothing to do.
  std::string remember(const std::string& engine);

  static constexpr std::size_t kMost = 8;

 private:
  std::string state_dir_;
  std::string nonce_;
  std::string socket_;
  std::vector<std::string> others_;  // lines of other sockets
  std::vector<std::string> engines_;
};

}  // namespace longshore::agent
