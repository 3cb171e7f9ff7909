#include "agent/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace longshore::agent {

StateLock::StateLock(const std::string& state_dir) {
  if (state_dir.empty()) return;
  path_ = std::filesystem::path(state_dir) / "agent.lock";
  name();
}

StateLock::~StateLock() {
  if (file_ >= 0) ::close(file_);
}

std::string StateLock::name() {
  if (!name_.empty() || path_.empty()) return name_;
  constexpr mode_t kMode = 0600;
  // The file stays when we end: removing it would let two processes lock two files of one name.
  const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (file < 0) return {};
  struct stat about {};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 || ::fstat(file, &about) != 0) {
    ::close(file);
    return {};
  }
  file_ = file;
  name_ = std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
  return name_;
}

}  // namespace longshore::agent
