// Keeps the text of loop passes from one evaluation to the next. Most of the work of a large template is a loop over
// services, and a change concerns one of them.
//
// A pass is kept if nothing but its element and the answers of the host can decide its text: its body calls only
// functions that say so (Function::repeat), assigns no variable from outside and uses none. It is used again while the
// element is the same object and the host would answer the same. Then it counts the same steps too, so that limits are
// met at the same place.
#pragma once
#include <cstdint>
#include <memory>

namespace longshore::tmpl {

// For evaluations of one template set with one root, one kind of host and the same options; one at a time.
class Memo {
 public:
  Memo();
  ~Memo();
  Memo(const Memo&) = delete;
  Memo& operator=(const Memo&) = delete;

  // Passes whose text was used again, since the beginning.
  std::uint64_t reused() const { return reused_; }

 private:
  friend class Evaluator;
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t reused_ = 0;
};

}  // namespace longshore::tmpl
