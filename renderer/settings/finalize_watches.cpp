#include "renderer/settings/finalize_watches.h"

#include "common/base/text.h"
#include "renderer/io/notifier.h"
#include "renderer/settings/finalize.h"

namespace longshore::render::settings {
namespace {

Result<NoticeSpec> watch_of(const Watch& from, const cli::Environment& environment, const Environment& consul) {
  NoticeSpec out;
  out.service = from.service.value_or("");
  if (out.service.empty()) return fail(Errc::invalid_input, "service is missing");
  auto query = parse_service(out.service);
  if (!query) return fail(Errc::invalid_input, "service: " + query.error().text);
  out.query = std::move(*query);
  if (from.below && (*from.below < 1 || *from.below > 1'000'000))
    return fail(Errc::invalid_input, "below: a number of instances, at least 1");
  out.below = static_cast<std::size_t>(from.below.value_or(1));
  out.lasting = from.lasting.value_or(out.lasting);
  out.timeout = from.timeout.value_or(out.timeout);
  if (out.timeout.count() <= 0) return fail(Errc::invalid_input, "timeout: more than 0");
  out.command = from.command.value_or(Command());
  out.url = from.url.value_or("");
  if (out.command.empty() == out.url.empty()) return fail(Errc::invalid_input, "give either a command or a url");
  if (!out.url.empty())
    if (const auto url = parse_notice_url(out.url); !url) return fail(Errc::invalid_input, "url: " + url.error().text);
  for (const std::string& header : from.headers.list.value_or(std::vector<std::string>())) {
    const std::size_t colon = header.find(':');
    const bool broken = header.find_first_of("\r\n") != std::string::npos;
    if (colon == std::string::npos || colon == 0 || broken || out.url.empty())
      return fail(Errc::invalid_input, "headers: use \"Name: value\", and only with a url");
    out.headers.emplace_back(header.substr(0, colon), base::trim(std::string_view(header).substr(colon + 1)));
  }
  out.environment = std::make_shared<const Environment>(command_environment(from.env, environment, consul));
  return out;
}

}  // namespace

Result<std::vector<NoticeSpec>> finalize_watches(const Settings& settings, const cli::Environment& environment,
                                                 const Environment& consul) {
  std::vector<NoticeSpec> out;
  std::size_t number = 0;
  for (const Watch& from : settings.watches) {
    ++number;
    auto spec = watch_of(from, environment, consul);
    if (!spec) return fail(Errc::invalid_input, "watch block " + std::to_string(number) + ": " + spec.error().text);
    out.push_back(std::move(*spec));
  }
  return out;
}

}  // namespace longshore::render::settings
