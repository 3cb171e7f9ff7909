// One template in the course of the machine's life.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "common/policy/backoff.h"
#include "common/policy/debounce.h"
#include "common/tmpl/memo.h"
#include "common/tmpl/template_set.h"
#include "renderer/core/dependency.h"
#include "renderer/core/remarks.h"
#include "renderer/core/seen.h"
#include "renderer/core/template_spec.h"

namespace longshore::render {

struct TemplateState {
  enum class Phase {
    loading,    // its file is being read
    refused,    // no usable text: unreadable or unparsable; the last good parse, if any, stays in use
    waiting,    // evaluated; some of what it needs is not known
    failed,     // evaluated; the text of the template is wrong for this data
    writing,    // its text is on the way to the disk
    unwritten,  // the file could not be written; tried again
    applying,   // its text is in the hands of its group
    held_back,  // its group's check refused it, or nobody took it up: the file is an older one
    rendered,   // its file is what the data says
  };

  TemplateState(std::size_t number, TemplateSpec what, WaitWindow window)
      : index(number), spec(std::move(what)), quiet(window.min, window.max), waits(window.enabled()) {}

  std::size_t index = 0;
  TemplateSpec spec;
  Phase phase = Phase::loading;
  std::string problem;  // one line, for phases refused, failed and unwritten
  std::shared_ptr<const tmpl::TemplateSet> set;
  std::unique_ptr<tmpl::Memo> memo;  // of evaluations of `set`; none until it was rendered once

  Dependencies used;                          // by the last run; after a failed run also those of the run before
  Dependencies missing;                       // of the last run
  Dependencies awaited;                       // the part of `missing` that has not been answered since
  std::optional<base::TimePoint> written_at;  // the last change of its file
  std::uint64_t writes = 0;                   // changes of its file since the start
  bool dirty = false;                         // to be evaluated
  bool plugins_old = false;                   // its data changed since its programs ran
  bool first_done = false;                    // rendered once: from then on -wait counts
  policy::Debounce quiet;                     // -wait
  bool sees_checks = false;                   // its text may look at checks of services
  bool waits = false;                         // -wait is on for this template
  // While incomplete: some answers came, others did not. Evaluating shows what else is needed, but not for each answer.
  policy::Debounce discovery{std::chrono::milliseconds(50), std::chrono::seconds(1)};
  std::optional<base::TimePoint> waiting_since;
  bool missing_named = false;
  // What it is waiting for because of a guard, since when, and until when.
  Dependencies guard_lacks;
  std::optional<base::TimePoint> guard_since, guard_until;
  bool guard_waived = false;  // that time was over: rendered without it, until it is there again
  policy::Backoff write_backoff{std::chrono::milliseconds(500), std::chrono::seconds(30)};
  std::optional<base::TimePoint> write_again;

  Remarks remarks;    // of the last complete run
  SeenPtr seen;       // by the last complete run
  Progress progress;  // of its file, if it has no group
  bool owed = false;  // somebody is to be told of that file
  std::optional<base::TimePoint> settle_at;

  // For logs and pages: the destination, or the source if there is none.
  std::string name() const { return spec.destination.empty() ? spec.label() : spec.destination; }

  // When this template is to be evaluated, TimePoint::min() = at once; nothing: not before something happens.
  std::optional<base::TimePoint> due() const {
    if (!set || phase == Phase::writing) return std::nullopt;
    if (!dirty && write_again) return write_again;
    if (!dirty) return missing.empty() ? std::nullopt : discovery.due();
    if (first_done && waits && quiet.due()) return quiet.due();
    return base::TimePoint::min();
  }
};

}  // namespace longshore::render
