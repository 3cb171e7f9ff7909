#include "renderer/apply/complaint.h"

#include "common/base/text.h"

namespace longshore::render::apply {
namespace {

constexpr std::string_view kSerious[] = {"[emerg]", "[alert]", "[crit]", "[ALERT]", "rror"};

std::string_view telling_line(std::string_view output) {
  std::string_view last;
  for (const std::string_view mark : kSerious)
    for (std::size_t at = 0; at < output.size();) {
      std::size_t end = output.find('\n', at);
      if (end == std::string_view::npos) end = output.size();
      const std::string_view line = base::trim(output.substr(at, end - at));
      if (line.find(mark) != std::string_view::npos) return line;
      if (!line.empty()) last = line;
      at = end + 1;
    }
  return last;
}

// nginx's log lines begin with the time and "PID#TID: ", which differ from run to run.
std::string without_stamp(std::string_view line) {
  constexpr std::string_view kMarks[] = {"[emerg] ", "[alert] ", "[crit] "};
  for (const std::string_view mark : kMarks) {
    const std::size_t at = line.find(mark);
    if (at == std::string_view::npos) continue;
    std::string_view rest = line.substr(at + mark.size());
    const std::size_t end = rest.find(": ");
    if (end != std::string_view::npos && rest.substr(0, end).find_first_not_of("0123456789#") == std::string_view::npos)
      rest.remove_prefix(end + 2);
    return std::string(mark) + std::string(rest);
  }
  return std::string(line);
}

// The number behind "NAME:" in the text, if `name` is a whole path or its last part.
std::size_t line_behind(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool whole = at == 0 || name.front() == '/' || text[at - 1] == '/';
    std::size_t end = at + name.size();
    if (!whole || end >= text.size() || text[end] != ':') continue;
    std::size_t number = 0;
    for (++end; end < text.size() && text[end] >= '0' && text[end] <= '9' && number < 100'000'000; ++end)
      number = number * 10 + static_cast<std::size_t>(text[end] - '0');
    if (number > 0) return number;
  }
  return 0;
}

}  // namespace

Complaint complaint_of(std::string_view output, const std::vector<std::string>& paths) {
  Complaint out;
  out.text = without_stamp(telling_line(output));
  for (const bool by_name : {false, true})
    for (std::size_t i = 0; i < paths.size(); ++i) {
      std::string_view path = paths[i];
      if (by_name) path.remove_prefix(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
      if (path.empty()) continue;
      const std::size_t line = line_behind(out.text, path);
      if (line == 0) continue;
      out.file = i;
      out.line = line;
      return out;
    }
  return out;
}

}  // namespace longshore::render::apply
