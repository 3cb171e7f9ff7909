// One change of one file in steps: what it means, its new form beside it, and the ways to put that in its place.
#pragma once
#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "renderer/core/file_plan.h"
#include "renderer/io/descriptor.h"
#include "renderer/io/file_owner.h"

namespace longshore::render {

// What a file is to become, and what it is.
struct Change {
  std::string target;     // links are followed
  std::string_view text;  // outlives this
  FileOwner owner;
  std::optional<unsigned> mode;
  std::optional<struct stat> old;
};

Result<Change> describe_change(const std::string& path, std::string_view text, const FileOptions& options);
// unchanged: the same bytes. Never for what is no file. Then keep_bytes() looks at owner and permissions.
Result<FilePlan> plan_change(const Change& change);
// An owner that is not right is put right and counts as a change, as in consul-template; permissions are put right
// without one.
Result<FilePlan> keep_bytes(const Change& change);

// A flushed file at `path`, where none is, with the text, owner and mode of the change. errno says why it was not made.
Descriptor create_staged(const std::string& path);
Status fill(Descriptor fd, const Change& change, const std::string& path);

// Is this why a new file could not take the place of the old one, although the old one may be writable?
bool cannot_rename(int error);
// The way for files that cannot be renamed over. Readers may see a mixture for the moment of the write; if it fails
// half-way the old bytes are put back.
Status write_in_place(const Change& change);

// A device, a pipe, this process' output: it stays what it is, owner and permissions too, and gets the text. Nobody
// waits for a pipe to have a reader, and for a reader to read at most a moment: timeout. It may have got a part then.
bool is_no_file(const Change& change);
// Links followed. Such a thing is not to be read: what it holds is for others, and may never come.
bool is_no_file(const std::string& path);
Status write_through(const Change& change);

Status make_directories(const std::string& directory);
Status flush_directory(const std::string& directory);
// A second name; a copy on file systems without links. What was at `to` goes.
Status link_or_copy(const std::string& from, const std::string& to);
// The directory of a path; "." if it names none.
std::string directory_of(const std::string& path);

}  // namespace longshore::render
