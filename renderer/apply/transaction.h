// The files of one group on the disk: staged beside their targets, swapped all or none, put back, or committed. With a
// journal a successor finishes or undoes what a kill -9 between any two operations left. Order, which recovery relies
// on: staged files and kept ones are there before the journal names them, targets change after it, and it goes before
// they do.
#pragma once
#include <string>
#include <vector>

#include "renderer/apply/disk.h"
#include "renderer/apply/journal.h"
#include "renderer/apply/messages.h"

namespace longshore::render::apply {

class Transaction {
 public:
  // journal: its file; "" = none is kept, and a crash leaves what it leaves. `disk` outlives this.
  Transaction(Disk& disk, std::string journal) : disk_(disk), journal_path_(std::move(journal)) {}

  input::Recovered recover();
  input::Staged stage(const std::vector<Part>& parts, bool want_live);
  // keep: restore() can undo it until commit(). Without that a failure still undoes itself.
  Status swap(bool keep);
  Status restore();
  void commit();
  void discard();

  struct StagedFile {
    std::size_t index = 0;
    std::string destination = {};
    std::string target = {};
    std::string path = {};
    FilePlan plan = FilePlan::replace;
    std::vector<ExtraFile> extra = {};
    bool backup = false;
    std::uint64_t hash = 0;
  };
  // What a check has to see in the places of the targets.
  const std::vector<StagedFile>& staged() const { return staged_; }

 private:
  Status save(const Journal& journal);
  Status keep_previous(Journal::File& file);
  Status forward(const Journal& journal, std::size_t& done);
  Status backward(const Journal& journal, std::size_t count);
  bool finished(const Journal::File& file);

  Disk& disk_;
  std::string journal_path_;
  std::vector<StagedFile> staged_;
  Journal swapped_;  // what restore() undoes: since the last commit
};

// ".NAME.longshore-new" and ".NAME.longshore-old" beside the file: servers that include whole directories skip them.
std::string staged_name(const std::string& target);
std::string previous_name(const std::string& target);

}  // namespace longshore::render::apply
