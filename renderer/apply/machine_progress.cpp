// The part of the machine that knows how far what is live has got with those who serve.
#include <algorithm>

#include "renderer/apply/machine.h"
#include "renderer/apply/removal.h"

namespace longshore::render::apply {
namespace {

// Who cannot be looked at has the new files, and nobody else answers any more, so long after it was told. nginx's old
// workers accept for about 100 ms, with thousands of servers for 400.
constexpr base::Duration kTrusted = std::chrono::seconds(1);

}  // namespace

// A part that is left out keeps its last good text: with fewer places than that the new one has not come.
void GroupMachine::note_live() {
  for (const Part& part : running_) {
    const auto staged = std::ranges::find(staged_, part.index, &Part::index);
    if (staged == staged_.end()) continue;
    if (staged->text != part.text && loses_addresses(*staged->text, *part.text)) continue;
    progress_.live(part.index, part.seen, generation_);
  }
  if (owed_) return;
  progress_.apply();
  if (!settling_) note_settled();
}

// seen: news of the older workers will come.
void GroupMachine::note_applied(base::TimePoint now, bool seen) {
  progress_.apply();
  settling_ = true;
  settle_at_.reset();
  if (!seen) settle_at_ = now + kTrusted;
}

void GroupMachine::note_settled() {
  settling_ = false;
  settle_at_.reset();
  progress_.settle();
  for (const auto& [index, file] : progress_.settled())
    settled_generation_ = std::max(settled_generation_, file.generation);
}

}  // namespace longshore::render::apply
