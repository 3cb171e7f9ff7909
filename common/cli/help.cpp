#include "common/cli/help.h"

#include <algorithm>

#include "common/base/text.h"

namespace longshore::cli {
namespace {

constexpr std::size_t kTermIndent = 2;
constexpr std::size_t kTextIndent = 6;

std::string_view value_name(const Option& option) {
  if (!option.value_name.empty()) return option.value_name;
  switch (option.kind) {
    case Kind::boolean:
      return "";
    case Kind::integer:
      return "N";
    case Kind::duration:
      return "DURATION";
    case Kind::text:
    case Kind::list:
      return "TEXT";
  }
  return "";
}

bool worth_showing(const Option& option) {
  if (!option.fallback_text.empty()) return true;
  return !option.fallback.empty() && !(option.kind == Kind::boolean && option.fallback == "false");
}

void append_groups(const Command& command, std::size_t width, std::string& out) {
  for (const std::string& group : option_groups(command.options)) {
    out += "\n" + (group.empty() ? std::string("Options") : group) + ":\n";
    for (const Option& option : command.options.all()) {
      if (option.hidden || option.group != group) continue;
      out += std::string(kTermIndent, ' ') + option_term(option) + "\n";
      out += wrap(option_description(option), width, kTextIndent) + "\n";
    }
  }
}

void append_paragraph(const std::string& text, std::size_t width, std::size_t indent, std::string& out) {
  out += text.starts_with(' ') ? text : wrap(text, width, indent);
  out += '\n';
}

}  // namespace

std::vector<std::string> option_groups(const OptionTable& options) {
  std::vector<std::string> groups;
  for (const Option& option : options.all())
    if (!option.hidden && std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  return groups;
}

std::string option_term(const Option& option) {
  std::string out;
  for (const std::string& name : option.names) {
    if (!out.empty()) out += ", ";
    out += "-" + name;
  }
  const std::string_view value = value_name(option);
  if (!value.empty()) (out += " ") += value;
  return out;
}

std::string option_description(const Option& option) {
  std::string out = option.help;
  if (option.kind == Kind::list) out += " May be repeated.";
  if (worth_showing(option))
    out += " Default: " + (option.fallback_text.empty() ? option.fallback : option.fallback_text) + ".";
  const bool lines = option.kind == Kind::list && option.env_separator == '\n';
  if (!option.env.empty()) out += " Environment: " + base::join(option.env, ", ") + (lines ? ", one per line." : ".");
  return out;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string lead(indent, ' ');
  std::string out;
  std::size_t column = 0;
  for (const std::string& word : base::split(text, ' ')) {
    if (word.empty()) continue;
    if (column != 0 && column + 1 + word.size() > width) {
      out += '\n';
      column = 0;
    }
    const std::string& gap = column == 0 ? lead : std::string(" ");
    out += gap;
    out += word;
    column += gap.size() + word.size();
  }
  return out;
}

std::string help_text(const Command& command, std::size_t width) {
  std::string out;
  for (std::size_t i = 0; i < command.usage.size(); ++i)
    out += (i == 0 ? "Usage: " : "       ") + command.usage[i] + "\n";
  if (!command.summary.empty()) out += "\n" + wrap(command.summary, width, 0) + "\n";
  for (const std::string& paragraph : command.about) {
    out += '\n';
    append_paragraph(paragraph, width, 0, out);
  }
  append_groups(command, width, out);
  for (const Paragraphs& section : command.sections) {
    out += "\n" + section.title + ":\n";
    for (const std::string& paragraph : section.text) append_paragraph(paragraph, width, kTermIndent, out);
  }
  return out;
}

}  // namespace longshore::cli
