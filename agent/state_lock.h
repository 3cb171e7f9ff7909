// The state directory is one process's at a time: a lock that the kernel takes back when its holder ends, in whichever
// pid namespace that was. So a container of the agent that was killed and started again need not wait for the end of
// its former life's session.
#pragma once
#include <filesystem>
#include <string>

namespace longshore::agent {

class StateLock {
 public:
  // state_dir "" = there is none to lock.
  explicit StateLock(const std::string& state_dir);
  ~StateLock();
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;

  // Names the locked file on this kernel ("device:inode"); "" while another process has it, or where it cannot be made.
  // Tries anew as long as it is not ours.
  std::string name();

 private:
  std::filesystem::path path_;
  int file_ = -1;  // owned
  std::string name_;
};

}  // namespace longshore::agent
