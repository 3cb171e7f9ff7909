#include "common/tmpl/source.h"

#include <algorithm>

namespace longshore::tmpl {

Source::Source(std::string source_name, std::string source_text)
    : name(std::move(source_name)), text(std::move(source_text)), line_starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
}

Location Source::locate(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto number = static_cast<std::uint32_t>(after - line_starts_.begin());
  return {name, number, offset - line_starts_[number - 1]};
}

std::string_view Source::line(std::uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::string_view rest = std::string_view(text).substr(line_starts_[number - 1]);
  return rest.substr(0, rest.find('\n'));
}

}  // namespace longshore::tmpl
