#include "renderer/core/command.h"

#include "common/base/text.h"

namespace longshore::render {

bool Command::through_shell() const {
  return words.size() == 1 && words.front().find_first_of(" \t\r\n\v\f") != std::string::npos;
}

std::string to_string(const Command& command) {
  if (command.words.size() == 1) return command.words.front();
  std::string out;
  for (const std::string& word : command.words) out += (out.empty() ? "" : " ") + base::log_value(word);
  return out;
}

}  // namespace longshore::render
