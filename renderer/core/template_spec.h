// One template as it was asked for: from which file, into which, and what to run after a change.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/base/result.h"
#include "renderer/core/command.h"
#include "renderer/core/dependency.h"
#include "renderer/core/file_plan.h"
#include "renderer/core/guard_rule.h"

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
  std::string source = {};                   // path of the template file
  std::optional<std::string> contents = {};  // the template itself, instead of a file
  std::string destination = {};              // "" only with -dry
  FileOptions file = {};
  Command command = {};
  base::Duration command_timeout = std::chrono::seconds(30);  // 0: started and not waited for
  // What the command sees, all of it; null: what commands of the renderer see.
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>> command_environment = {};
  std::string left_delimiter = {};  // "" = {{
  std::string right_delimiter = {};
  bool error_on_missing_key = false;
  // An error of this template ends the renderer: yes, no (-once then does not mind), or not said.
  std::optional<bool> error_fatal = {};
  std::vector<std::string> function_denylist = {};  // names or patterns with *
  std::string sandbox_path = {};                    // `file` reads only below it; "" = anything
  std::optional<WaitWindow> wait = {};              // instead of the renderer's
  std::string group = {};                           // whose files go together; "" = this one goes alone
  GuardRule guard = {};                             // of the services that it uses
  // Services that need an instance in use, and keys that have to be there: without them the file stays as it is.
  Dependencies required = {};

  // What it is called in logs: the source, or for inline contents the destination.
  std::string label() const {
    if (!source.empty()) return source;
    return destination.empty() ? "(inline)" : "(inline) " + destination;
  }
  // The same template, perhaps with other settings. Source: consul-template counts these three.
  bool same_template(const TemplateSpec& other) const {
    return source == other.source && contents == other.contents && destination == other.destination;
  }
};

// "src[:dst[:command]]", split at runs of colons; the rest of the colons stay in the command. Unlike consul-template
// a single letter is no drive.
Result<TemplateSpec> parse_template_argument(std::string_view text);

}  // namespace longshore::render
