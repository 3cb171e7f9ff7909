// One template as it was asked for: from which file, into which, and what to run after a change.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/base/result.h"

namespace longshore::render {

// -wait min:max. Render when nothing changed for `min`, at the latest `max` after the first change.
struct WaitWindow {
  base::Duration min{};
  base::Duration max{};
  bool enabled() const { return min.count() > 0; }
  bool operator==(const WaitWindow&) const = default;
};

// "5s" (max is then 4 x min) or "5s:10s". Errors in consul-template's words.
Result<WaitWindow> parse_wait(std::string_view text);

struct TemplateSpec {
  std::string source = {};       // path of the template file
  std::string destination = {};  // "" only with -dry
  std::string command = {};      // "" = none; with white space it goes to sh -c
  base::Duration command_timeout = std::chrono::seconds(30);
  std::string left_delimiter = {};  // "" = {{
  std::string right_delimiter = {};
  bool error_on_missing_key = false;
  std::optional<WaitWindow> wait = {};  // instead of the renderer's
  bool operator==(const TemplateSpec&) const = default;
};

// "src[:dst[:command]]", as consul-template splits it: at runs of colons, a single letter before a colon belongs to
// what follows (a Windows drive, on every system), the rest of the colons stay in the command.
Result<TemplateSpec> parse_template_argument(std::string_view text);

}  // namespace longshore::render
