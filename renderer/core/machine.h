// The renderer's decisions: step(input, now) -> actions. Total, deterministic (a seed gives the jitter), no I/O, no
// clock. Life of a template: load -> parse -> evaluate -> wait for what is missing -> evaluate -> write -> followups;
// then again whenever one of its inputs changes.
//
// Rules that everything else follows from:
// - Nothing is written from a half-known world: a template is complete only when every dependency it used has an
// answer.
// - Data once known stays until something better arrives; failures only mark it stale.
// - One failing template, file or command never stops the others; it is tried again with backoff.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/drain/word.h"
#include "common/policy/random.h"
#include "renderer/apply/machine.h"
#include "renderer/core/child.h"
#include "renderer/core/evaluate.h"
#include "renderer/core/foreign.h"
#include "renderer/core/guard.h"
#include "renderer/core/history.h"
#include "renderer/core/hold.h"
#include "renderer/core/messages.h"
#include "renderer/core/name_hold.h"
#include "renderer/core/recall.h"
#include "renderer/core/snapshot.h"
#include "renderer/core/template_state.h"
#include "renderer/core/traffic.h"

namespace longshore::render {

struct MachineSettings {
  std::vector<TemplateSpec> templates = {};
  std::vector<apply::GroupSpec> groups = {};
  std::string epoch = "0";  // tells the generations of this process from those of another one
  bool once = false;
  bool dry = false;
  bool parse_only = false;  // read and parse the templates, evaluate nothing
  bool publish = false;     // tell others how far we are (action::PublishWord)
  WaitWindow wait = {};
  HoldBook::Settings hold = {};
  ProbeSettings probe = {};
  GuardRules guards = {};
  std::string release_prefix = "longshore/releases/";  // where operators end what guards hold
  std::vector<NoticeSpec> notices = {};
  std::string reload_pid_file = {};  // HUP there after changes of templates without a command; "" = nobody
  std::string left_delimiter = {};
  std::string right_delimiter = {};
  Environment environment = {};  // of `env` in templates
  base::Duration name_missing_after = std::chrono::seconds(5);
  std::optional<ChildSettings> child = {};  // exec mode
  bool child_signal_codes = true;           // a child that a signal ended gives 128 + number; else 255
  // So many errors of a watch in a row are survived; nothing: any number.
  std::optional<std::int64_t> retry_attempts = {};
  bool err_on_failed_lookup = false;  // what is answered and not there ends us
  base::Duration once_timeout{};      // -once gives up; 0: never
  base::Duration stop_deadline = std::chrono::seconds(8);
  int stop_exit_code = 0;
  std::uint64_t seed = 1;
  // Whose instances are shown; "" = of those without a name; nothing: all, as consul-template has it.
  std::optional<std::string> env = {};
  SiteRules sites = {};
};

// Exit codes of consul-template that the machine itself uses; 13 (usage) and 15 (configuration) come before it.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 14;

// How long a service's name stays in the catalog after it vanished, when its instances are held so.
base::Duration hold_of_names(const HoldBook::Settings& settings);

// What is counted since the start.
struct MachineCounters {
  std::uint64_t evaluations = 0;
  std::uint64_t evaluation_errors = 0;
  std::uint64_t files_written = 0;
  std::uint64_t write_errors = 0;
  std::uint64_t followups_run = 0;
  std::uint64_t followups_done = 0;
  std::uint64_t followup_errors = 0;
  std::uint64_t watch_errors = 0;
  std::uint64_t workers_retired = 0;  // of nginx, ended sooner than it would
  std::uint64_t notices = 0;          // of `watch`, that got there
  std::uint64_t notice_errors = 0;
  std::uint64_t guarded_files = 0;   // changes of a template that a guard held back as a whole
  std::uint64_t released_early = 0;  // vanished instances that were given up before the end of their hold
};

class RenderMachine {
 public:
  RenderMachine(MachineSettings settings, tmpl::Functions functions);

  Actions step(const Input& input, base::TimePoint now);
  Actions step(Input&& input, base::TimePoint now);
  // When to step with Idle if nothing else happens. Nothing: whenever.
  std::optional<base::TimePoint> next_wake() const;

  // For status pages and metrics.
  const std::vector<TemplateState>& templates() const { return templates_; }
  const Snapshot& snapshot() const { return snapshot_; }
  const Dependencies& watched() const { return watched_; }
  const HoldBook& hold() const { return hold_; }
  const Traffic& traffic() const { return traffic_; }
  const GuardBook& guards() const { return guards_; }
  const ForeignInstances& foreign() const { return foreign_; }
  const std::map<std::uint64_t, NoticeKeeper>& notices() const { return notices_; }
  const History& history() const { return history_; }
  const Followups& followups() const { return followups_; }
  const MachineCounters& counters() const { return counters_; }
  const std::optional<ChildKeeper>& child() const { return child_; }
  const std::map<std::string, apply::GroupMachine>& groups() const { return groups_; }
  std::size_t stale() const { return failing_.size(); }
  // Every template has its file and nothing is stale.
  bool all_rendered() const;
  // What others are told of how far the files have got: all but who we are and when it is.
  drain::RendererWord word() const;

 private:
  struct Now {
    base::TimePoint at;
    std::chrono::system_clock::time_point wall;
  };

  // machine.cpp
  void on(input::Start&, base::TimePoint now);
  void on(input::Answered& answered, base::TimePoint now);
  void on(input::Confirmed& confirmed, base::TimePoint now);
  void on(input::WatchFailed& failed, base::TimePoint now);
  void on(input::Idle& idle, base::TimePoint now);
  void on(input::Reload&, base::TimePoint now);
  void on(input::Stop&, base::TimePoint now);
  void finish_if_done(base::TimePoint now);
  bool quiet() const;  // nothing is being written and no followup is due
  void exit_with(int code);
  void end_with(int code, base::TimePoint now);

  // machine_reload.cpp
  void adopt(const MachineSettings& fresh, base::TimePoint now);
  TemplateState make_state(const TemplateSpec& spec);
  TemplateState* find_template(std::size_t index);

  // machine_child.cpp
  void on(input::ChildStarted& started, base::TimePoint now);
  void on(input::ChildExited& exited, base::TimePoint now);
  void on(input::Signal& signal, base::TimePoint now);
  void tend_child(base::TimePoint now);
  void obey(const ChildKeeper::Orders& orders);

  // machine_templates.cpp
  void load_templates(base::TimePoint now);
  void on(input::TemplateLoaded& loaded, base::TimePoint now);
  void on(input::FileDone& done, base::TimePoint now);
  void changed(const Dependency& on, base::TimePoint now);
  void evaluate_due(const Now& now);
  bool evaluate_one(TemplateState& state, const Now& now);
  void run_plugins_again(TemplateState& state);
  void refuse_template(TemplateState& state, const std::vector<tmpl::Diagnostic>& errors);
  void update_watches(base::TimePoint now);
  void name_missing(base::TimePoint now);
  void fail_lookups(const TemplateState& state, base::TimePoint now);

  // machine_remarks.cpp
  void take_remarks(TemplateState& state, Remarks remarks);

  // machine_groups.cpp
  void on(input::GroupNews& news, base::TimePoint now);
  void make_groups(const std::vector<apply::GroupSpec>& specs);
  apply::GroupMachine* group_of(const TemplateState& state);
  void hand_over(TemplateState& state, Outcome outcome, base::TimePoint now);
  void tick_groups(base::TimePoint now);
  void obey(const std::string& group, apply::Actions orders, base::TimePoint now);
  void group_outcome(const apply::action::Outcome& outcome);
  void tell_groups(const Followup& what, const Status& status, base::TimePoint now);
  std::optional<action::Confirmation> confirmation_for(const Followup& what) const;
  bool groups_quiet() const;

  // machine_notice.cpp
  void make_notices(const std::vector<NoticeSpec>& specs);
  void tick_notices(base::TimePoint now);
  void on(input::Told& told, base::TimePoint now);

  // machine_probe.cpp
  void on(input::ProbeReplied& replied, base::TimePoint now);
  std::shared_ptr<const ServiceData> instances_of(const Dependency& on) const;
  bool show_fresh(const Dependency& on, std::shared_ptr<const ServiceData> fresh, base::TimePoint now);
  void show_again(const Dependency& on, base::TimePoint now);
  void obey(const Traffic::Outcome& outcome, base::TimePoint now);

  // machine_guard.cpp
  GuardRule guard_rule(const Dependency& on) const;
  std::shared_ptr<const ServiceData> guarded(const Dependency& on, std::shared_ptr<const ServiceData> data,
                                             base::TimePoint now);
  void obey(const GuardBook::Outcome& outcome, base::TimePoint now);
  void guard_template(TemplateState& state, Outcome& outcome, base::TimePoint now);
  void tick_guards(base::TimePoint now);
  void judge_anew(base::TimePoint now);
  bool holds_back() const;
  Dependency releases() const;
  void take_releases(const TreeData& records, base::TimePoint now);

  // machine_effects.cpp
  void on(input::NotesLoaded& loaded, base::TimePoint now);
  void on(input::Probed& probed, base::TimePoint now);
  void on(input::FollowupDone& done, base::TimePoint now);
  void on(input::WorkersRetired& retired, base::TimePoint now);
  void apply(const HoldBook::Outcome& outcome, base::TimePoint now);
  void replace_held(const Dependency& on, Data data, base::TimePoint now);
  void release_names(base::TimePoint now);
  std::optional<Followup> own_followup(const TemplateState& state) const;
  void start_followup(base::TimePoint now);

  // machine_word.cpp
  bool publishes() const { return settings_.publish && !settings_.once && !settings_.dry && !settings_.parse_only; }
  bool starting() const;
  const Progress& progress_of(const TemplateState& state) const;
  void file_is_live(TemplateState& state, bool written, base::TimePoint now);
  void files_told(const Followup& what, base::TimePoint now);
  void settle_files(base::TimePoint now);
  std::uint64_t word_version() const;
  void publish_word();

  void say(base::Level level, std::string event, std::vector<std::pair<std::string, std::string>> fields);
  void act(Action action) { actions_.push_back(std::move(action)); }

  MachineSettings settings_;
  tmpl::Functions functions_;
  policy::Random random_;
  Snapshot snapshot_;
  SharedNodes nodes_;
  std::vector<TemplateState> templates_;
  Dependencies watched_;
  std::map<Dependency, Errc> failing_;  // watches whose last try failed, and how
  HoldBook hold_;
  Traffic traffic_;
  ForeignInstances foreign_;
  GuardBook guards_;
  std::optional<std::map<std::string, std::uint64_t>> releases_;  // seen; nothing: they are not watched
  std::map<std::uint64_t, NoticeKeeper> notices_;                 // by a number that is not used again
  std::uint64_t next_notice_ = 1;
  History history_;
  NameHold names_;
  Followups followups_;
  std::optional<Followup> running_;
  MachineCounters counters_;
  std::map<std::string, apply::GroupMachine> groups_;
  std::vector<std::string> group_order_;  // of their first templates: so their commands follow one another
  base::TimePoint latest_{};
  std::optional<base::TimePoint> started_at_;
  std::uint64_t published_ = 0;  // word_version() that was last told of
  std::size_t writes_in_flight_ = 0;
  std::optional<ChildKeeper> child_;
  bool child_outdated_ = false;  // files have changed since it was told
  std::map<Dependency, std::int64_t> failed_in_row_;
  std::size_t next_index_ = 0;
  std::optional<base::TimePoint> once_by_;
  std::optional<base::TimePoint> stop_by_;
  int stop_code_ = 0;
  bool exited_ = false;
  Actions actions_;
};

}  // namespace longshore::render
