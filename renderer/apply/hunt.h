// Finds the units that spoil a tree by trying the tree without some of them. Whoever hunts asks for the next trial,
// runs the check over it and tells the outcome. A unit that the check's message names is left out at once; without a
// name the tree is bisected. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace longshore::render::apply {

class Hunt {
 public:
  // The tree with all of `units` has failed, perhaps with a message that named one of them.
  Hunt(std::size_t units, std::optional<std::size_t> suspect);

  // excluded()[i]: unit i is left out of the trial that is to be run now, or in the end.
  const std::vector<bool>& excluded() const { return excluded_; }
  // The trial's outcome. `suspect` is the unit that a failed one named, if any.
  void tried(bool good, std::optional<std::size_t> suspect);

  enum class State {
    trying,    // run a trial
    found,     // without excluded() the tree is good
    hopeless,  // it is bad without all of them, or too many would have to go
  };
  State state() const { return state_; }

 private:
  void bisect();
  void try_first(std::size_t count);

  State state_ = State::trying;
  std::vector<bool> culprit_;      // known to spoil it
  std::vector<bool> excluded_;     // of the trial
  std::vector<std::size_t> open_;  // units that may spoil it, in order, while bisecting
  std::size_t low_ = 0;            // so many of them are known to be good together
  std::size_t high_ = 0;           // so many of them are known to be bad
  bool bisecting_ = false;
  bool base_known_ = false;  // the tree without any of them was tried
};

}  // namespace longshore::render::apply
