#include "renderer/io/file_owner.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "common/base/text.h"

namespace longshore::render {
namespace {

// getpwnam_r and getgrnam_r differ in types only.
template <class Entry, class Find>
Result<Entry> look_up(const std::string& name, const char* what, Find find) {
  Entry entry{};
  Entry* found = nullptr;
  std::vector<char> room(1024);
  int error = find(name.c_str(), &entry, room.data(), room.size(), &found);
  while (error == ERANGE && room.size() < (std::size_t{1} << 20)) {
    room.resize(room.size() * 4);
    error = find(name.c_str(), &entry, room.data(), room.size(), &found);
  }
  if (found != nullptr) return entry;
  return fail(Errc::not_found, std::string("no such ") + what + ": " + name);
}

std::optional<unsigned> number(const std::string& text) {
  const auto parsed = base::parse_uint(text);
  if (!parsed || *parsed > 0xFFFFFFFEU) return std::nullopt;
  return static_cast<unsigned>(*parsed);
}

}  // namespace

Result<FileOwner> find_owner(const FileOptions& options) {
  FileOwner out;
  if (const auto id = number(options.user)) {
    out.user = *id;
  } else if (!options.user.empty()) {
    LS_TRY(entry, look_up<struct passwd>(options.user, "user", ::getpwnam_r));
    out.user = entry.pw_uid;
  }
  if (const auto id = number(options.group)) {
    out.group = *id;
  } else if (!options.group.empty()) {
    LS_TRY(entry, look_up<struct group>(options.group, "group", ::getgrnam_r));
    out.group = entry.gr_gid;
  }
  return out;
}

bool differs(const FileOwner& wanted, const struct stat& file) {
  return (wanted.user && *wanted.user != file.st_uid) || (wanted.group && *wanted.group != file.st_gid);
}

Status take_over(int fd, const FileOwner& wanted, std::optional<unsigned> mode, const std::optional<struct stat>& old,
                 const std::string& path) {
  const uid_t user = wanted.user.value_or(old ? old->st_uid : ::geteuid());
  const gid_t group = wanted.group.value_or(old ? old->st_gid : ::getegid());
  struct stat now {};
  if (::fstat(fd, &now) != 0) return fail(base::system_error("stat " + path, errno));
  const bool ours_to_give = wanted.user || wanted.group;
  if ((now.st_uid != user || now.st_gid != group) && ::fchown(fd, user, group) != 0 && (ours_to_give || errno != EPERM))
    return fail(base::system_error("chown " + path, errno));
  const unsigned bits = mode.value_or(old ? old->st_mode & 07777U : 0644U);
  if ((now.st_mode & 07777U) != bits && ::fchmod(fd, bits) != 0)
    return fail(base::system_error("chmod " + path, errno));
  return {};
}

}  // namespace longshore::render
