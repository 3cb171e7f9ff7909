// Guards: what a registry says may be too bad to be true. When fewer instances of a service would stay in use than its
// rule allows, those that went without a word stay in the data, as they were, until
// - instances come (back) and the rule is satisfied again: `returned`,
// - an operator says so: `released`,
// - the rule's limit is over: `limit`,
// - or their own word comes: a withdrawal note, a drain, maintenance. Whoever says that it goes is never kept, however
// few
//   are left: a guard is about what nobody said. It is not counted as shrink either.
//
// What counts as one change is what goes within `within`, however many answers bring it: the outcome is the same for
// ten instances that go in one answer and in ten. Instances that vanish are held by the hold before a guard sees them
// go.
//
// Pure: what to ask and what to say comes back as values.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/log_line.h"
#include "common/base/result.h"
#include "renderer/core/data.h"
#include "renderer/core/guard_rule.h"
#include "renderer/core/hold.h"

namespace longshore::render {

class GuardBook {
 public:
  using ServicePtr = std::shared_ptr<const ServiceData>;
  using Key = std::pair<std::string, std::string>;  // node, service ID
  struct Outcome {
    std::vector<base::LogLine> lines = {};
    std::vector<std::string> read_notes = {};  // nodes
    Dependencies changed = {};                 // shown() is another one
  };
  struct Lost {
    InstancePtr instance = {};  // as it was when it was in use
    base::TimePoint at = {};
  };
  struct Entry {
    GuardRule rule = {};
    ServicePtr below = {};  // what was told
    ServicePtr shown = {};
    std::map<Key, InstancePtr> serving = {};                          // in use in `shown`
    std::map<Key, Lost> lost = {};                                    // went without a word, of late or while held
    std::map<Key, InstancePtr> kept = {};                             // of those: the ones in `shown`
    std::deque<std::pair<base::TimePoint, std::size_t>> counts = {};  // in use since then
    std::optional<base::TimePoint> since = {};                        // something is held
    std::size_t left = 0;                                             // in use in `below`
    base::TimePoint notes_due = {};
    std::string reason = {};
  };
  struct Counters {
    std::uint64_t holds = 0;  // changes of which something was held back
    std::uint64_t instances = 0;
    std::uint64_t returned = 0, released = 0, limit = 0, said = 0;  // how they ended
  };

  // data: what is known of the service now, with what the hold holds. before: what templates saw, for a service that
  // was not guarded yet; null: nothing. A rule that asks for nothing ends the guard. shown() is new afterwards.
  Outcome told(const Dependency& on, const GuardRule& rule, ServicePtr data, const ServicePtr& before,
               base::TimePoint now);
  // It said itself that it goes; told() follows.
  void said(const Dependency& on, const Instance& instance);
  // Answers read_notes, and anybody else's question.
  Outcome notes(const std::string& node, Note::Kind kind, const Result<std::vector<Note>>& notes, base::TimePoint now);
  // An operator's word; "*": all of them.
  Outcome release(const std::string& service, base::TimePoint now);
  Outcome tick(base::TimePoint now);
  std::optional<base::TimePoint> next_due() const;
  void forget(const Dependency& on) { entries_.erase(on); }

  // Null: not guarded.
  ServicePtr below(const Dependency& on) const;
  ServicePtr shown(const Dependency& on) const;
  bool guards(const Dependency& on) const { return entries_.contains(on); }
  bool holding() const;
  bool keeps(const Dependency& on, const Instance& instance) const;
  std::size_t kept() const;
  const std::map<Dependency, Entry>& entries() const { return entries_; }
  const Counters& counters() const { return counters_; }

 private:
  void judge(const Dependency& on, Entry& entry, base::TimePoint now, Outcome& out);
  void let_go(const Dependency& on, Entry& entry, const char* why, base::TimePoint now, Outcome& out);
  void ended(const Dependency& on, Entry& entry, const char* why, base::TimePoint now, Outcome& out);
  static void show(const Dependency& on, Entry& entry);

  std::map<Dependency, Entry> entries_;
  Counters counters_;
};

}  // namespace longshore::render
