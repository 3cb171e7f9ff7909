// The real disk of transactions. Calls block for as long as the disk takes.
#pragma once
#include "renderer/apply/disk.h"

namespace longshore::render {

class GroupDisk final : public apply::Disk {
 public:
  // state_dir: versions before the last change are kept below it, and what cannot be beside its target; "" = no
  // versions, and /tmp.
  explicit GroupDisk(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  Result<Look> look(const std::string& path, std::string_view text, const FileOptions& options) override;
  Result<std::string> read(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<std::string> stage(const std::string& staged, std::string_view text, const std::string& target,
                            const FileOptions& options) override;
  Result<std::string> keep(const std::string& from, const std::string& to) override;
  Status place(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status save(const std::string& path, std::string_view text, bool flush) override;
  Status flush_directory_of(const std::string& path) override;

 private:
  std::string elsewhere(const std::string& path) const;

  std::string state_dir_;
};

}  // namespace longshore::render
