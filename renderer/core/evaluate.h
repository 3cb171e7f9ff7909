// One run of one template over one snapshot.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/tmpl/eval.h"
#include "renderer/core/dependency.h"
#include "renderer/core/recall.h"
#include "renderer/core/snapshot.h"

namespace longshore::render {

struct Outcome {
  enum class Kind {
    complete,  // `text` is the file
    waiting,   // `missing` says for what; text and errors of such a run mean nothing
    failed,    // `errors` say why; `used` may be only a part of what the template needs
  };
  Kind kind = Kind::waiting;
  std::string text;
  Dependencies used;
  Dependencies missing;
  std::vector<tmpl::Diagnostic> errors;
  std::vector<ExtraFile> extra_files;  // of a complete run
  Remarks remarks;                     // likewise
};

struct EvaluateContext {
  const Environment& environment;
  std::chrono::system_clock::time_point wall_clock;
  tmpl::EvaluateOptions options;
  std::string sandbox = {};          // see RecallHost
  bool with_checks = false;          // of services, see may_see_checks
  const SiteRules* sites = nullptr;  // nullptr: no claims, usual folders
};

Outcome evaluate(const tmpl::TemplateSet& set, const Snapshot& snapshot, const EvaluateContext& context);

}  // namespace longshore::render
