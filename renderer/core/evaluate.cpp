#include "renderer/core/evaluate.h"

namespace longshore::render {

Outcome evaluate(const tmpl::TemplateSet& set, const Snapshot& snapshot, const EvaluateContext& context) {
  RecallHost host(snapshot, context.environment, context.wall_clock, context.sandbox, context.with_checks);
  if (context.sites != nullptr) host.set_sites(*context.sites);
  tmpl::Evaluation run = tmpl::evaluate(set, set.name(), tmpl::Value{}, host, context.options);
  Outcome out;
  out.used = host.take_used();
  out.missing = host.take_missing();
  out.errors = std::move(run.errors);
  if (!out.missing.empty())
    out.kind = Outcome::Kind::waiting;
  else if (!out.errors.empty())
    out.kind = Outcome::Kind::failed;
  else
    out.kind = Outcome::Kind::complete;
  if (out.kind == Outcome::Kind::complete) {
    out.text = std::move(run.text);
    out.extra_files = host.extra_files();
    out.remarks = host.take_remarks();
  }
  return out;
}

}  // namespace longshore::render
