// What a group is: templates whose files belong together, how their tree is checked and who is told.
#pragma once
#include <string>

#include "renderer/apply/budget.h"
#include "renderer/apply/turn.h"
#include "renderer/core/followups.h"
#include "renderer/core/template_spec.h"

namespace longshore::render::apply {

struct GroupSpec {
  std::string name = {};
  // Made of templates with the same target; nobody wrote it down. Its command may fail without its files going back.
  bool implicit = false;
  // Run over the staged files before they live. `{{.}}` in it: once for each changed file, with its staged path.
  // Without: once, in a view of the file system in which the staged files have taken their places.
  Command check = {};
  base::Duration check_timeout = std::chrono::seconds(30);
  std::optional<Followup> tell = {};  // after the swap; nothing: nobody
  bool confirm = false;               // the swap counts when new workers answer; otherwise it is undone
  base::Duration confirm_timeout = std::chrono::seconds(10);
  // Who answers with the generation: HTTP there; "" = the workers of nginx's master are looked at instead.
  std::string generation_address = {};
  std::string generation_file = {};  // the server block that answers is written here; "" = the user has one
  bool quarantine = false;           // leave out what spoils the tree instead of all of it
  WaitWindow wait = {};
  Budget::Settings budget = {};
  TurnSettings turn = {};

  bool checked() const { return !check.empty(); }
  // Is what is swapped undone when it does not work? Then the files before are kept until it is known.
  bool strict() const { return confirm || (!implicit && tell.has_value()); }
};

}  // namespace longshore::render::apply
