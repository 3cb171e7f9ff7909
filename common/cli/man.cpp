#include "common/cli/man.h"

#include "common/base/text.h"
#include "common/cli/help.h"

namespace longshore::cli {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string title(std::string_view page, std::string_view version) {
  return ".TH \"" + upper(page) + "\" 1 \"\" \"longshore " + std::string(version) + "\" \"User Commands\"\n";
}

std::string paragraph(const std::string& text) {
  // A line that starts with a space is kept as it is, as in help.
  if (text.starts_with(' ')) return ".PP\n.nf\n" + roff(text) + "\n.fi\n";
  return ".PP\n" + roff(text) + "\n";
}

}  // namespace

std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

std::string man_page(const Command& command, std::string_view version) {
  const std::string page = "longshore-" + command.name;
  std::string out = title(page, version);
  out += ".SH NAME\n" + roff(page) + " \\- " + roff(command.summary) + "\n.SH SYNOPSIS\n";
  for (const std::string& usage : command.usage) out += ".B " + roff(usage) + "\n.br\n";
  out += ".SH DESCRIPTION\n" + roff(command.summary) + "\n";
  for (const std::string& text : command.about) out += paragraph(text);
  if (!option_groups(command.options).empty()) out += ".SH OPTIONS\n";
  for (const std::string& group : option_groups(command.options)) {
    if (!group.empty()) out += ".SS " + roff(group) + "\n";
    for (const Option& option : command.options.all())
      if (!option.hidden && option.group == group)
        out += ".TP\n.B " + roff(option_term(option)) + "\n" + roff(option_description(option)) + "\n";
  }
  for (const Paragraphs& section : command.sections) {
    out += ".SH \"" + roff(upper(section.title)) + "\"\n";
    for (const std::string& text : section.text) out += paragraph(text);
  }
  return out + ".SH \"SEE ALSO\"\n.BR longshore (1)\n";
}

std::string man_overview(const std::vector<Command>& commands, std::string_view version) {
  std::string out = title("longshore", version);
  out += ".SH NAME\nlongshore \\- from containers to Consul to nginx\n.SH SYNOPSIS\n.B longshore\n.I VERB\n[options]\n";
  out += ".SH VERBS\n";
  for (const Command& command : commands)
    out += ".TP\n.B " + roff(command.name) + "\n" + roff(command.summary) + " See\n.BR longshore\\-" +
           roff(command.name) + " (1).\n";
  return out;
}

}  // namespace longshore::cli
