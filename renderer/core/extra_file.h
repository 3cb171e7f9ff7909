// What a template writes beside its own file with writeToFile. Carried out only when the template is complete.
#pragma once
#include <string>

#include "renderer/core/file_plan.h"

namespace longshore::render {

struct ExtraFile {
  std::string path = {};
  std::string text = {};
  FileOptions options = {};
  bool append = false;
  bool operator==(const ExtraFile&) const = default;
};

}  // namespace longshore::render
