#include "renderer/apply/transaction.h"

#include <algorithm>
#include <set>

#include "common/base/hash.h"

namespace longshore::render::apply {
namespace {

std::string beside(const std::string& target, const char* suffix) {
  const std::size_t slash = target.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  return target.substr(0, name) + "." + target.substr(name) + suffix;
}

}  // namespace

std::string staged_name(const std::string& target) {
  return beside(target, ".longshore-new");
}

std::string previous_name(const std::string& target) {
  return beside(target, ".longshore-old");
}

Status Transaction::save(const Journal& journal) {
  if (journal_path_.empty()) return {};
  // One file is whole by its rename; several need the journal after a power cut too.
  return disk_.save(journal_path_, to_text(journal), journal.files.size() > 1);
}

bool Transaction::finished(const Journal::File& file) {
  const auto text = disk_.read(file.target);
  return text && base::fnv1a(*text) == file.hash;
}

input::Recovered Transaction::recover() {
  input::Recovered out;
  if (journal_path_.empty()) return out;
  const auto text = disk_.read(journal_path_);
  if (!text) {
    if (text.error().code != Errc::not_found) out.what = "the journal cannot be read: " + text.error().text;
    return out;
  }
  auto journal = parse_journal(*text);
  if (!journal) {
    // Cut off by a crash of the machine: nothing had been swapped when it was written.
    out.what = "an unreadable journal was dropped: " + journal.error().text;
    (void)disk_.remove(journal_path_);
    return out;
  }
  out.owed = true;
  const std::string files = std::to_string(journal->files.size()) + (journal->files.size() == 1 ? " file" : " files");
  if (journal->phase == Journal::Phase::swapping) {
    const auto can = [&](const Journal::File& file) { return disk_.exists(file.staged) || finished(file); };
    if (std::ranges::all_of(journal->files, can)) {
      std::size_t done = 0;
      const Status moved = forward(*journal, done);
      swapped_ = *journal;
      if (moved) {
        out.what = "finished the swap of " + files;
        return out;
      }
    }
  }
  const Status back = backward(*journal, journal->files.size());
  out.what = back ? "put " + files + " back" : "could not put " + files + " back: " + back.error().text;
  return out;
}

input::Staged Transaction::stage(const std::vector<Part>& parts, bool want_live) {
  discard();
  input::Staged out;
  const Part* generation = nullptr;
  std::set<std::string> seen;
  const auto add = [&](const Part& part) {
    input::StagedPart answer{part.index, FilePlan::unchanged, {}};
    auto look = disk_.look(part.destination, *part.text, part.options);
    if (look && look->plan != FilePlan::unchanged && !seen.insert(look->target).second)
      look = fail(Errc::invalid_input, "two templates of the group write " + look->target);
    if (!look) {
      answer.plan = fail(look.error());
    } else {
      answer.plan = look->plan;
      if (look->plan != FilePlan::unchanged) {
        StagedFile file;
        file.index = part.index;
        file.destination = part.destination;
        file.target = look->target;
        file.path = staged_name(look->target);
        file.plan = look->plan;
        file.extra = part.extra;
        file.hash = base::fnv1a(*part.text);
        file.backup = part.options.backup;
        auto path = disk_.stage(file.path, *part.text, file.target, part.options);
        if (!path) {
          answer.plan = fail(path.error());
        } else {
          file.path = std::move(*path);
          staged_.push_back(std::move(file));
        }
      }
      if (want_live)
        if (auto live = disk_.read(look->target)) answer.live = std::make_shared<const std::string>(std::move(*live));
    }
    out.parts.push_back(std::move(answer));
  };
  for (const Part& part : parts)
    if (part.index == kNoTemplate)
      generation = &part;
    else
      add(part);
  // It tells a change, it is none.
  if (generation != nullptr && !staged_.empty()) add(*generation);
  return out;
}

// The oldest form since the last commit is the one that worked.
Status Transaction::keep_previous(Journal::File& file) {
  const auto known = std::ranges::find(swapped_.files, file.target, &Journal::File::target);
  if (known != swapped_.files.end()) {
    file.previous = known->previous;
    file.created = known->created;
    return {};
  }
  file.created = !disk_.exists(file.target);
  if (file.created) return {};
  LS_TRY(previous, disk_.keep(file.target, previous_name(file.target)));
  file.previous = previous;
  return {};
}

Status Transaction::swap(bool keep) {
  Journal journal;
  const bool undo = keep || staged_.size() > 1;
  for (const StagedFile& staged : staged_) {
    Journal::File file;
    file.target = staged.target;
    file.staged = staged.path;
    file.hash = staged.hash;
    if (undo) LS_TRY_STATUS(keep_previous(file));
    // Beside the name that was asked for, also where that is a link to elsewhere.
    if (staged.backup && disk_.exists(file.target)) LS_TRY_STATUS(disk_.keep(file.target, staged.destination + ".bak"));
    journal.files.push_back(std::move(file));
  }
  // Files of an earlier swap that nobody confirmed go back with these.
  for (const Journal::File& older : swapped_.files)
    if (std::ranges::find(journal.files, older.target, &Journal::File::target) == journal.files.end())
      journal.files.push_back(older);
  LS_TRY_STATUS(save(journal));
  std::size_t done = 0;
  Status moved = forward(journal, done);
  if (!moved) {
    if (undo) (void)backward(journal, done);
    discard();
    // Those of an earlier swap have gone back as well: nothing is left to be undone.
    if (undo) swapped_ = std::move(journal);
    commit();
    return moved;
  }
  staged_.clear();
  if (undo) swapped_ = std::move(journal);
  return {};
}

Status Transaction::forward(const Journal& journal, std::size_t& done) {
  std::set<std::string> directories;
  for (const Journal::File& file : journal.files) {
    if (disk_.exists(file.staged)) LS_TRY_STATUS(disk_.place(file.staged, file.target));
    directories.insert(file.target.substr(0, file.target.rfind('/') + 1));
    ++done;
  }
  for (const std::string& directory : directories) LS_TRY_STATUS(disk_.flush_directory_of(directory + "."));
  return {};
}

// Files that were there take their places again, new ones go.
Status Transaction::backward(const Journal& journal, std::size_t count) {
  Journal back = journal;
  back.phase = Journal::Phase::restoring;
  LS_TRY_STATUS(save(back));
  Status out;
  for (std::size_t i = 0; i < count; ++i) {
    const Journal::File& file = journal.files[i];
    Status one;
    if (file.created)
      one = disk_.remove(file.target);
    else if (!file.previous.empty() && disk_.exists(file.previous))
      one = disk_.place(file.previous, file.target);
    if (!one) out = std::move(one);
  }
  for (const Journal::File& file : journal.files) (void)disk_.remove(file.staged);
  return out;
}

Status Transaction::restore() {
  Status done = backward(swapped_, swapped_.files.size());
  // Nobody knows any more what worked: what is there now is the best there is.
  swapped_ = {};
  return done;
}

void Transaction::commit() {
  if (!journal_path_.empty()) (void)disk_.remove(journal_path_);
  for (const Journal::File& file : swapped_.files)
    if (!file.previous.empty()) (void)disk_.remove(file.previous);
  swapped_ = {};
}

void Transaction::discard() {
  for (const StagedFile& file : staged_) (void)disk_.remove(file.path);
  staged_.clear();
}

}  // namespace longshore::render::apply
