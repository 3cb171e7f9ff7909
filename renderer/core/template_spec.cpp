#include "renderer/core/template_spec.h"

#include <vector>

#include "common/base/text.h"

namespace longshore::render {
namespace {

// Between runs of colons. consul-template glues a single letter to what follows, as a drive of Windows, so that
// `a:b:command` writes to a file named after the command; here a letter is a name like any other.
std::vector<std::string> segments(std::string_view text) {
  std::vector<std::string> out;
  for (std::string& part : base::split(text, ':'))
    if (!part.empty()) out.push_back(std::move(part));
  return out;
}

}  // namespace

Result<WaitWindow> parse_wait(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  if (trimmed.empty()) return fail(Errc::invalid_input, "wait: cannot be empty");
  const std::vector<std::string> parts = base::split(trimmed, ':');
  if (parts.size() > 2) return fail(Errc::invalid_input, "wait: invalid format");
  LS_TRY(min, base::parse_duration(base::trim(parts[0])));
  WaitWindow window{min, min * 4};
  if (parts.size() == 2) {
    LS_TRY(max, base::parse_duration(base::trim(parts[1])));
    window.max = max;
  }
  if (window.min.count() < 0 || window.max.count() < 0) return fail(Errc::invalid_input, "wait: cannot be negative");
  if (window.max < window.min) return fail(Errc::invalid_input, "wait: min must be less than max");
  return window;
}

Result<TemplateSpec> parse_template_argument(std::string_view text) {
  std::vector<std::string> parts = segments(text);
  if (base::trim(text).empty() || parts.empty()) return fail(Errc::invalid_input, "template: cannot be empty");
  TemplateSpec spec;
  spec.source = std::move(parts[0]);
  if (parts.size() > 1) spec.destination = std::move(parts[1]);
  if (parts.size() > 2) {
    parts.erase(parts.begin(), parts.begin() + 2);
    spec.command = base::join(parts, ":");
  }
  return spec;
}

}  // namespace longshore::render
