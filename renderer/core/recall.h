// The data functions of templates: service, connect, services, nodes, node, key, keyOrDefault, keyExists, ls, tree,
// safeLs, safeTree, datacenters, and those of recall_layers.h. They ask a snapshot and never fetch: what is not known
// is noted as missing and answered with the empty value of its type, so that one evaluation finds all that a template
// needs.
//
// Views over shared watches: tag and status filters are applied here, and key, keyOrDefault and keyExists of one key
// (like ls, tree, safeLs and safeTree of one prefix) share one watch. After the deletion of a key, `key` keeps the last
// value, as the original does, while keyExists says false at once.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"
#include "renderer/core/extra_file.h"
#include "renderer/core/known_in_order.h"
#include "renderer/core/remarks.h"

namespace longshore::render {

using Environment = std::map<std::string, std::string, std::less<>>;

// Host names that the configuration gives to services, and the folders of Consul's KV where people do, and where
// colours are.
struct SiteRules {
  std::map<std::string, std::string> claims;  // host in lower case -> service
  std::string claims_prefix = "longshore/claims/";
  std::string colors_prefix = "services/";
  std::string env = {};  // not "": `services` lists only what has instances of it
  bool operator==(const SiteRules&) const = default;
};

// The host of one evaluation. Snapshot, environment and rules outlive it and do not change meanwhile.
class RecallHost final : public tmpl::Host {
 public:
  // `sandbox`: the folder that `file` may read below, "" = anything. with_checks: services are asked for with their
  // checks, see may_see_checks.
  RecallHost(const Snapshot& snapshot, const Environment& environment, std::chrono::system_clock::time_point now,
             std::string sandbox = {}, bool with_checks = false)
      : known_(snapshot),
        environment_(environment),
        now_(now),
        sandbox_(std::move(sandbox)),
        with_checks_(with_checks) {}

  std::optional<std::string> env(std::string_view name) override;
  std::chrono::system_clock::time_point now() override {
    spoil();
    return now_;
  }
  bool incomplete() const override { return !missing_.empty(); }
  void record() override { reads_ = std::make_unique<Reads>(); }
  std::unique_ptr<const tmpl::HostReads> recorded() override;
  bool replay(const tmpl::HostReads& reads) override;

  // Notes the dependency as used; nullptr and noted as missing when it was never read.
  template <class T>
  std::shared_ptr<const T> ask(const Dependency& on) {
    // Templates ask in alphabetical order, mostly.
    used_.insert(used_.end(), on);
    const Known* known = known_.find(on);
    const auto* data = known == nullptr ? nullptr : std::get_if<std::shared_ptr<const T>>(&known->data);
    if (data == nullptr || !*data) {
      wait_for(on);
      return nullptr;
    }
    if (reads_) reads_->asked.emplace_back(on, known->data);
    return *data;
  }
  // The data is known and not enough to render with (an absent key, an empty safeTree).
  void wait_for(const Dependency& on) {
    missing_.insert(on);
    spoil();
  }

  void write(ExtraFile file) {
    extra_files_.push_back(std::move(file));
    spoil();
  }
  void remark(std::string_view text) {
    remarks_.add(text);
    spoil();
  }
  void set_sites(const SiteRules& sites) { sites_ = &sites; }
  const SiteRules& sites() const;

  const std::string& sandbox() const { return sandbox_; }
  const std::vector<ExtraFile>& extra_files() const { return extra_files_; }
  Remarks take_remarks() { return std::move(remarks_); }
  bool with_checks() const { return with_checks_; }
  const Dependencies& used() const { return used_; }
  const Dependencies& missing() const { return missing_; }
  // At the end: both without a copy.
  Dependencies take_used() { return std::move(used_); }
  Dependencies take_missing() { return std::move(missing_); }

 private:
  struct Reads final : tmpl::HostReads {
    std::vector<std::pair<Dependency, Data>> asked;
    bool spoilt = false;
  };
  void spoil() {
    if (reads_) reads_->spoilt = true;
  }

  KnownInOrder known_;
  const Environment& environment_;
  std::chrono::system_clock::time_point now_;
  std::string sandbox_;
  std::vector<ExtraFile> extra_files_;
  Remarks remarks_;
  const SiteRules* sites_ = nullptr;
  bool with_checks_;
  Dependencies used_;
  Dependencies missing_;
  std::unique_ptr<Reads> reads_;  // of the pass that is recorded
};

// Could a template with this text show checks of services: names, outputs, notes? A text that names the field, or a
// function that prints whole records, could. Others are not woken by them, and the checks are not even kept.
bool may_see_checks(std::string_view template_text);

// To be merged over tmpl's own tables. Names of the original that need Vault or Nomad are in it as refused, so that a
// template is told at load.
tmpl::FunctionTable data_functions();

// All that templates of the renderer may call.
tmpl::Functions all_functions();

}  // namespace longshore::render
