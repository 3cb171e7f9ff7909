// Which build this is. Written by the build, see common/cmake/build_info.cmake.
#pragma once
#include <string_view>

namespace longshore::status {

struct BuildInfo {
  std::string_view version;  // "0.1.0"
  std::string_view commit;   // short hash, "-dirty" if the tree had changes; "unknown" outside of git
};

BuildInfo build_info();

}  // namespace longshore::status
