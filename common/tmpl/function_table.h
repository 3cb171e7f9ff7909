// Functions that templates may call, by name. A table is built once, then shared and never changed; parsed templates
// point into it.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl {

class Call;

using Args = std::span<const Value>;
// No captures: whatever a function needs comes through the Call. An error's text becomes
// `error calling NAME: TEXT`. Arguments have been checked against the parameter types.
using FunctionBody = Result<Value> (*)(Call& call, Args args);

// May the text of what calls a function be kept for the next evaluation, see memo.h?
enum class Repeat : std::uint8_t {
  no,     // it does something, or nobody has looked at it
  yes,    // its result follows from its arguments
  reads,  // and from what it asks the host, which notes it
};

struct Function {
  std::string name = {};
  // Go's parameter types. With `variadic`, the last one is the type of each further argument (none or more).
  // types::kAny takes anything; types::kString only strings (error: "wrong type for value; expected string; got int").
  std::vector<const Type*> params = {};
  bool variadic = false;
  FunctionBody body = nullptr;
  std::string unsupported = {};  // not empty: a known name that we refuse at load, with this reason
  bool is_builtin = false;       // one of Go's own: `and`, `or` and `call` then have their special evaluation rules
  Repeat repeat = Repeat::no;
};

class FunctionTable {
 public:
  // A later function of the same name replaces the earlier one.
  void add(Function function);
  void add(std::string name, std::vector<const Type*> params, FunctionBody body, bool variadic = false);
  void merge(const FunctionTable& other);
  // Each has to be there.
  void mark(std::initializer_list<std::string_view> names, Repeat repeat);

  const Function* find(std::string_view name) const;  // valid as long as the table is neither changed nor destroyed
  std::vector<std::string> names() const;             // sorted

 private:
  std::map<std::string, Function, std::less<>> functions_;
};

using Functions = std::shared_ptr<const FunctionTable>;

// Go's own: and or not len index slice print printf println html js urlquery eq ne lt le gt ge call.
FunctionTable builtin_functions();
// consul-template's helpers that need no data: see helpers_*.cpp and README.md.
FunctionTable helper_functions();

}  // namespace longshore::tmpl
