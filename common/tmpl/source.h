// The text of one template file, its name, and the way from a byte offset to line and column.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/diagnostics.h"

namespace longshore::tmpl {

struct Source {
  Source(std::string name, std::string text);

  Location locate(std::uint32_t offset) const;        // offset <= text.size()
  std::string_view line(std::uint32_t number) const;  // from 1; empty if there is none

  std::string name;
  std::string text;

 private:
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace longshore::tmpl
