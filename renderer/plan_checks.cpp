#include "renderer/plan_checks.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "renderer/apply/generation_file.h"
#include "renderer/io/check_view.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;

// A directory that goes with its owner.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::string pattern = (fs::temp_directory_path() / "longshore-plan.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return fail(base::system_error("create " + pattern, errno));
    return Scratch(std::move(pattern));
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() { remove_check_view(path_); }

  // Under a number of its own, so that equal names of two directories do not meet.
  Result<ViewFile> put(const std::string& destination, const std::string& text) {
    std::error_code error;
    fs::path target = fs::weakly_canonical(destination, error);
    if (error) target = destination;
    const fs::path directory = fs::path(path_) / std::to_string(count_++);
    fs::create_directory(directory, error);
    const std::string path = (directory / target.filename()).string();
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) return fail(base::system_error("write " + path, errno));
    return ViewFile{target.string(), path};
  }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::size_t count_ = 0;
};

Result<std::vector<ViewFile>> copies(const Plan& plan, const apply::GroupSpec& group, Scratch& scratch) {
  std::vector<ViewFile> out;
  const auto destinations = plan.destinations.find(group.name);
  for (const PlannedFile& file : plan.files) {
    if (destinations == plan.destinations.end() || !destinations->second.contains(file.path)) continue;
    LS_TRY(copy, scratch.put(file.path, file.text));
    out.push_back(std::move(copy));
  }
  return out;
}

// Without {{.}}: one run in a view; with it: one for each file.
Result<std::vector<CommandRequest>> requests(const apply::GroupSpec& group, std::vector<ViewFile> files,
                                             Scratch& scratch, std::string& place) {
  std::vector<CommandRequest> out;
  const auto add = [&](Command command) -> CommandRequest& {
    CommandRequest& request = out.emplace_back();
    request.command = std::move(command);
    request.timeout = group.check_timeout;
    return request;
  };
  if (names_path(group.check)) {
    for (const ViewFile& file : files) add(with_path(group.check, file.path));
    return out;
  }
  if (!group.generation_file.empty() && !fs::exists(group.generation_file)) {
    LS_TRY(copy, scratch.put(group.generation_file, apply::generation_block(group, "plan")));
    files.push_back(std::move(copy));
  }
  LS_TRY(mounts, make_check_view(files, place));
  add(group.check).view = std::move(mounts);
  return out;
}

void note(CheckVerdict& verdict, const Error& error) {
  verdict.kind = CheckVerdict::Kind::broken;
  verdict.output = error.text;
}

}  // namespace

const char* to_string(CheckVerdict::Kind kind) {
  constexpr const char* kNames[] = {"passed", "refused", "broken"};
  return kNames[static_cast<std::size_t>(kind)];
}

async::Awaitable<Result<std::vector<CheckVerdict>>> check_plan(std::shared_ptr<const Plan> plan,
                                                               std::shared_ptr<Processes> processes) {
  std::vector<CheckVerdict> out;
  for (const apply::GroupSpec& group : plan->checked) {
    Result<Scratch> scratch = Scratch::make();
    if (!scratch) co_return fail(scratch.error());
    Result<std::vector<ViewFile>> files = copies(*plan, group, *scratch);
    if (files && files->empty()) continue;
    CheckVerdict verdict;
    verdict.group = group.name;
    verdict.command = to_string(group.check);
    verdict.quarantine = group.quarantine;
    std::string place;
    Result<std::vector<CommandRequest>> wanted = fail(Errc::io, "");
    if (files) wanted = requests(group, std::move(*files), *scratch, place);
    if (!files) note(verdict, files.error());
    if (files && !wanted) note(verdict, wanted.error());
    const std::size_t runs = wanted ? wanted->size() : 0;
    for (std::size_t i = 0; i < runs && verdict.kind == CheckVerdict::Kind::passed; ++i) {
      CommandResult result = co_await processes->run(std::move((*wanted)[i]));
      if (result.status) continue;
      const bool said_no = result.status.error().code == Errc::check_failed &&
                           !result.output.starts_with("longshore: cannot make a private view");
      verdict.kind = said_no ? CheckVerdict::Kind::refused : CheckVerdict::Kind::broken;
      verdict.output = result.output.empty() ? result.status.error().text : std::move(result.output);
    }
    remove_check_view(place);
    out.push_back(std::move(verdict));
  }
  co_return out;
}

}  // namespace longshore::render
