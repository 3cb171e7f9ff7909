#include "renderer/settings/signal_name.h"

#include <array>
#include <csignal>
#include <utility>

#include "common/base/text.h"

namespace longshore::render::settings {
namespace {

// Source: consul-template's signals for Unix.
constexpr std::array kSignals = std::to_array<std::pair<std::string_view, int>>({
    {"SIGNULL", 0},         {"SIGABRT", SIGABRT}, {"SIGALRM", SIGALRM}, {"SIGBUS", SIGBUS},   {"SIGCONT", SIGCONT},
    {"SIGFPE", SIGFPE},     {"SIGHUP", SIGHUP},   {"SIGILL", SIGILL},   {"SIGINT", SIGINT},   {"SIGIO", SIGIO},
    {"SIGIOT", SIGIOT},     {"SIGKILL", SIGKILL}, {"SIGPIPE", SIGPIPE}, {"SIGPROF", SIGPROF}, {"SIGQUIT", SIGQUIT},
    {"SIGSEGV", SIGSEGV},   {"SIGSTOP", SIGSTOP}, {"SIGSYS", SIGSYS},   {"SIGTERM", SIGTERM}, {"SIGTRAP", SIGTRAP},
    {"SIGTSTP", SIGTSTP},   {"SIGTTIN", SIGTTIN}, {"SIGTTOU", SIGTTOU}, {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2},
    {"SIGWINCH", SIGWINCH}, {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ},
});

}  // namespace

Result<int> parse_signal(std::string_view name) {
  for (const auto& [known, number] : kSignals)
    if (base::equal_ignore_case_ascii(known, name)) return number;
  std::string text = "invalid signal \"" + std::string(name) + '"';
  for (const auto& [known, number] : kSignals)
    if (base::equal_ignore_case_ascii(known.substr(3), name))
      return fail(Errc::invalid_input, text + ": did you mean " + std::string(known) + "?");
  text += ": valid are";
  for (const auto& [known, number] : kSignals) text += ' ' + std::string(known);
  return fail(Errc::invalid_input, std::move(text));
}

std::string signal_name(int number) {
  for (const auto& [known, known_number] : kSignals)
    if (number != 0 && number == known_number) return std::string(known);
  return {};
}

}  // namespace longshore::render::settings
