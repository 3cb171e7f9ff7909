#include "common/main/own_pid_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace longshore::app {

Status OwnPidFile::write(const std::string& path) {
  if (path.empty()) return {};
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return fail(base::system_error("pid file " + path, errno));
  const std::string text = std::to_string(::getpid());
  const ssize_t written = ::write(fd, text.data(), text.size());
  const int reason = errno;
  ::close(fd);
  if (written != static_cast<ssize_t>(text.size())) return fail(base::system_error("pid file " + path, reason));
  path_ = path;
  return {};
}

OwnPidFile::~OwnPidFile() {
  if (path_.empty()) return;
  std::ifstream file(path_);
  long number = 0;
  if (file >> number && number == ::getpid()) ::unlink(path_.c_str());
}

}  // namespace longshore::app
