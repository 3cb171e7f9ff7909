// A disk in memory that stops working after so many changes, as a process that is killed does.
#pragma once
#include <map>
#include <stdexcept>

#include "renderer/apply/disk.h"

namespace longshore::render::test {

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

class MemoryDisk final : public apply::Disk {
 public:
  std::map<std::string, std::string> files;
  int changes = 0;
  int kill_after = -1;      // changes; -1: never
  std::string unplaceable;  // place() onto it fails

  Result<Look> look(const std::string& path, std::string_view text, const FileOptions&) override {
    const auto found = files.find(path);
    return Look{path, plan_file(found == files.end() ? std::nullopt : std::optional(found->second), text)};
  }
  Result<std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return fail(Errc::not_found, path);
    return found->second;
  }
  bool exists(const std::string& path) override { return files.contains(path); }
  Result<std::string> stage(const std::string& staged, std::string_view text, const std::string&,
                            const FileOptions&) override {
    change();
    files[staged] = std::string(text);
    return staged;
  }
  Result<std::string> keep(const std::string& from, const std::string& to) override {
    change();
    files[to] = files.at(from);
    return to;
  }
  Status place(const std::string& from, const std::string& to) override {
    change();
    if (to == unplaceable) return fail(Errc::io, "cannot be placed");
    files[to] = files.at(from);
    files.erase(from);
    return {};
  }
  Status remove(const std::string& path) override {
    change();
    files.erase(path);
    return {};
  }
  Status save(const std::string& path, std::string_view text, bool) override {
    change();
    files[path] = std::string(text);
    return {};
  }
  Status flush_directory_of(const std::string&) override { return {}; }

 private:
  void change() {
    if (kill_after >= 0 && changes >= kill_after) throw Killed();
    ++changes;
  }
};

}  // namespace longshore::render::test
