// Runs a parsed template. Re-entrant and free of global state: all that an evaluation knows comes in as arguments.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "common/tmpl/diagnostics.h"
#include "common/tmpl/template_set.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl {

class Evaluator;
class Memo;

// What a part of an evaluation asked its host: enough to tell whether it would be told the same again.
class HostReads {
 public:
  virtual ~HostReads() = default;
};

// What functions may ask of the world outside. The renderer derives its own host, whose data functions note what was
// used and what is missing; those functions get it back with `call.host_as<RecallHost>()`.
class Host {
 public:
  virtual ~Host() = default;
  // A variable of the environment; nothing if it is not set.
  virtual std::optional<std::string> env(std::string_view name) = 0;
  // The time of this evaluation (`timestamp`); one value for the whole evaluation.
  virtual std::chrono::system_clock::time_point now() = 0;
  // True once a data function had to answer "not known yet". From then on an error in one action does not end the
  // evaluation: it is recorded and the next action runs, so that all dependencies are found in one pass. The caller
  // must treat text and errors of such an evaluation as "waiting".
  virtual bool incomplete() const { return false; }

  // For memo.h; a host that cannot note what it is asked keeps these. From now on it notes.
  virtual void record() {}
  // What was noted; null if it cannot be repeated.
  virtual std::unique_ptr<const HostReads> recorded() { return nullptr; }
  // True: it would answer the same, and counts as asked. False: nothing happened.
  virtual bool replay(const HostReads&) { return false; }
};

enum class MissingKey {
  invalid,  // Go's default: <no value>
  zero,     // consul-template's default: the zero value of the map's element type; <no value> for interface {}
  error,    // error_on_missing_key
};

struct Limits {
  std::size_t output_bytes = 64u << 20;   // text of the whole evaluation, and of any single string made on the way
  std::uint64_t steps = 50'000'000;       // nodes walked, elements visited, 64 bytes of text handled by a function
  std::uint32_t template_depth = 10'000;  // {{template}} within {{template}}; Go has 100,000
  std::size_t stack_bytes = 3u << 20;     // of the native stack, whatever uses it; Linux gives a thread 8 MiB
};

struct EvaluateOptions {
  MissingKey missing_key = MissingKey::zero;
  Limits limits;
  Memo* memo = nullptr;  // what is kept from one evaluation to the next; outlives this one
};

struct Evaluation {
  std::string text;                // meaningful only without errors
  std::vector<Diagnostic> errors;  // more than one only if the host was incomplete
  std::uint64_t steps = 0;         // what it took, see Limits
  bool ok() const { return errors.empty(); }
};

// Runs the template `name` of the set ("" is a name like any other: use set.name() for the file itself) with `root` as
// dot and $. consul-template has no root data: pass Value{}.
Evaluation evaluate(const TemplateSet& set, std::string_view name, const Value& root, Host& host,
                    const EvaluateOptions& options = {});

// A function's view of the evaluation that calls it. Valid during the call only.
class Call {
 public:
  Call(Evaluator& evaluator, std::string_view name) : evaluator_(&evaluator), name_(name) {}

  std::string_view name() const { return name_; }  // of the function or method
  Host& host() const;
  template <class T>
  T& host_as() const {
    return dynamic_cast<T&>(host());
  }
  // The largest string or number of elements that a function may make; functions that multiply check before.
  std::size_t max_bytes() const;
  // Accounts for work in proportion to `steps`; an error when the evaluation has used up its share.
  Status charge(std::uint64_t steps) const;
  // fail() with the text of an exceeded bound, if a result of this size is too large.
  Status check_size(std::size_t bytes) const;
  // Renders a defined template to text, as `executeTemplate` does.
  Result<std::string> execute_template(std::string_view name, const Value& dot) const;
  // Calls a function value (builtin `call`).
  Result<Value> invoke(const Function& function, Args args) const;

  // An object of type T that lives as long as this evaluation (created on first use); for `scratch`.
  template <class T>
  T& local() const {
    return *static_cast<T*>(local_slot(typeid(T), [] { return std::shared_ptr<void>(std::make_shared<T>()); }));
  }

 private:
  void* local_slot(const std::type_info& key, std::shared_ptr<void> (*make)()) const;
  Evaluator* evaluator_;
  std::string_view name_;
};

}  // namespace longshore::tmpl
