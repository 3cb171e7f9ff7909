#include "common/tmpl/registrator/tags.h"

#include <set>

#include "common/tmpl/eval.h"
#include "common/tmpl/registrator/functions.h"

namespace longshore::tmpl::registrator {
namespace {

class AnswersHost final : public HttpHost {
 public:
  explicit AnswersHost(const HttpAnswers& answers) : answers_(answers) {}

  // Tag templates have neither a clock nor an environment.
  std::optional<std::string> env(std::string_view) override { return std::nullopt; }
  std::chrono::system_clock::time_point now() override { return {}; }
  bool incomplete() const override { return !unknown_.empty(); }

  std::optional<std::string_view> http_get(std::string_view url) override {
    if (const auto found = answers_.find(url); found != answers_.end()) return found->second;
    unknown_.emplace(url);
    return std::nullopt;
  }
  std::vector<std::string> unknown() const { return {unknown_.begin(), unknown_.end()}; }

 private:
  const HttpAnswers& answers_;
  std::set<std::string> unknown_;
};

constexpr const char* kName = "tags";  // as Registrator calls it in errors
constexpr Limits kLimits{.output_bytes = 64u << 10, .steps = 200'000};

}  // namespace

Result<TagTemplate> TagTemplate::parse(std::string text) {
  FunctionTable table = builtin_functions();
  table.merge(functions());
  auto set = tmpl::parse(kName, std::move(text), std::make_shared<const FunctionTable>(std::move(table)));
  if (!set) return fail(to_error(set.error()));
  return TagTemplate(std::move(*set));
}

TagOutcome TagTemplate::evaluate(const Value& container, const HttpAnswers& answers) const {
  AnswersHost host(answers);
  Evaluation run =
      tmpl::evaluate(*set_, kName, container, host, {.missing_key = MissingKey::invalid, .limits = kLimits});
  if (host.incomplete()) return {.kind = TagOutcome::Kind::waiting, .unknown_urls = host.unknown()};
  if (!run.ok()) return {.kind = TagOutcome::Kind::failed, .problem = to_error(run.errors.front()).text};
  return {.kind = TagOutcome::Kind::complete, .text = std::move(run.text)};
}

}  // namespace longshore::tmpl::registrator
