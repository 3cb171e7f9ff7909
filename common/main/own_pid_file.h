// Our process number in a file while we run.
#pragma once
#include <string>

#include "common/base/result.h"

namespace longshore::app {

class OwnPidFile {
 public:
  OwnPidFile() = default;
  // Removes the file, if it still holds our number.
  ~OwnPidFile();
  OwnPidFile(const OwnPidFile&) = delete;
  OwnPidFile& operator=(const OwnPidFile&) = delete;

  // 0666 and the umask; the directory must exist. "" = none.
  Status write(const std::string& path);

 private:
  std::string path_;
};

}  // namespace longshore::app
