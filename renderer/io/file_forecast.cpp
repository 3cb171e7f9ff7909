#include "renderer/io/file_forecast.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "renderer/io/file_change.h"
#include "renderer/io/file_store.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

std::string octal(unsigned bits) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", bits & 07777U);
  return text;
}

std::string name_of_user(uid_t id) {
  struct passwd entry {};
  struct passwd* found = nullptr;
  char room[4096];
  if (::getpwuid_r(id, &entry, room, sizeof room, &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(id);
}

std::string name_of_group(gid_t id) {
  struct group entry {};
  struct group* found = nullptr;
  char room[4096];
  if (::getgrgid_r(id, &entry, room, sizeof room, &found) == 0 && found != nullptr) return entry.gr_name;
  return std::to_string(id);
}

std::string names_of(uid_t user, gid_t group) {
  return name_of_user(user) + ":" + name_of_group(group);
}

// Missing parents of a file, outermost first.
Result<std::vector<std::string>> missing_directories(const std::string& target, bool may_make) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::path at = fs::path(target).parent_path(); !at.empty() && !fs::is_directory(at, error);
       at = at.parent_path()) {
    if (fs::exists(at, error)) return fail(base::system_error("create " + at.string(), ENOTDIR));
    out.push_back(at.string());
    if (at == at.parent_path()) break;
  }
  if (!out.empty() && !may_make) return fail(base::system_error("create " + target, ENOENT));
  std::ranges::reverse(out);
  return out;
}

void compare_with_old(FileForecast& out, const Change& change) {
  const struct stat& old = *change.old;
  const unsigned bits = old.st_mode & 07777U;
  if (change.mode && *change.mode != bits) out.mode = {octal(bits), octal(*change.mode)};
  if (differs(change.owner, old))
    out.owner = {names_of(old.st_uid, old.st_gid),
                 names_of(change.owner.user.value_or(old.st_uid), change.owner.group.value_or(old.st_gid))};
}

}  // namespace

Result<FileForecast> forecast(const std::string& path, std::string_view text, const FileOptions& options) {
  FileForecast out;
  LS_TRY(change, describe_change(path, text, options));
  LS_TRY(plan, plan_change(change));
  out.plan = plan;
  if (is_no_file(change)) {
    // It is written to, whatever it holds, and stays what it is.
    out.current.emplace();
    return out;
  }
  if (change.old) {
    LS_TRY(bytes, RealFiles().read(change.target));
    out.current = std::move(bytes);
    compare_with_old(out, change);
    // As keep_bytes() counts it.
    if (out.owner) out.plan = FilePlan::replace;
    if (plan != FilePlan::unchanged && options.backup) out.backup = path + ".bak";
    return out;
  }
  if (change.mode) out.mode = {"", octal(*change.mode)};
  if (change.owner.user || change.owner.group)
    out.owner = {"", names_of(change.owner.user.value_or(::geteuid()), change.owner.group.value_or(::getegid()))};
  LS_TRY(directories, missing_directories(change.target, options.create_directories));
  out.directories = std::move(directories);
  return out;
}

}  // namespace longshore::render
