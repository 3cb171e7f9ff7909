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
#include "renderer/io/file_forecast.h"
#include "renderer/io/process.h"
#include "renderer/renderer.h"

namespace longshore::render {

struct PlannedFile {
  std::string path;
  std::string text;
  FileForecast forecast;
  // Only permissions or owner would be other ones.
  bool same_text() const { return forecast.current && *forecast.current == text; }
};

// The supervised program. Whether a renderer runs it already a plan cannot know: it says both.
struct PlannedProgram {
  ChildSettings settings;
  bool outdated = false;       // files have changed: what its settings say of a change happens
  std::set<int> signals = {};  // that groups would send it after a change, in the place of that
};

// To the process that a pid file names.
struct PlannedReload {
  std::string pid_file;
  int signal = 1;
  auto operator<=>(const PlannedReload&) const = default;
};

struct Plan {
  std::vector<PlannedFile> files;        // that would change, in the order of the writes; the last text of each counts
  std::vector<std::string> directories;  // that would be made, in order
  std::size_t unchanged = 0;             // writes that would change nothing
  std::vector<std::string> commands;     // that would run afterwards, in order
  std::vector<PlannedReload> reloads;    // likewise
  std::optional<PlannedProgram> program;
  // Groups with a check, and the destinations of their templates; see plan_checks.h.
  std::vector<apply::GroupSpec> checked;
  std::map<std::string, std::set<std::string>> destinations;
};

// Changes `config` so that one pass is made and nobody but the seams is touched: no supervised program, no reload by
// pid file, no retiring of workers. Gives up after `limit`.
RendererSeams plan_seams(RenderConfig& config, base::Duration limit, std::shared_ptr<Plan> plan);

}  // namespace longshore::render
