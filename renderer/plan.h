// A pass whose effects are only written down: what a renderer would write and run, in the place of its real files and
// commands. Reading is real.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "renderer/apply/spec.h"
#include "renderer/config.h"
#include "renderer/io/file_store.h"
#include "renderer/io/process.h"
#include "renderer/renderer.h"

namespace longshore::render {

struct PlannedFile {
  std::string path;
  std::optional<std::string> current;  // nothing: there is no such file yet
  std::string text;
};

struct Plan {
  std::vector<PlannedFile> files;     // that would change, in the order of the writes; the last text of each counts
  std::size_t unchanged = 0;          // writes that would change nothing
  std::vector<std::string> commands;  // that would run afterwards, in order
  std::string reload;                 // the pid file whose process would get a HUP; "" = none
  // Groups with a check, and the destinations of their templates; see plan_checks.h.
  std::vector<apply::GroupSpec> checked;
  std::map<std::string, std::set<std::string>> destinations;
};

// Changes `config` so that one pass is made and nobody but the seams is touched: no supervised program, no reload by
// pid file, no retiring of workers. Gives up after `limit`.
RendererSeams plan_seams(RenderConfig& config, base::Duration limit, std::shared_ptr<Plan> plan);

}  // namespace longshore::render
