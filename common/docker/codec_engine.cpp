#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/hash.h"
#include "common/base/text.h"
#include "common/docker/codec.h"
#include "common/docker/decode.h"
#include "common/docker/timestamp.h"

namespace longshore::docker {
namespace {

using json::Fields;
using json::Value;

// 1.41 -> {1, 41}; versions are compared as numbers, 1.9 is older than 1.24.
Result<std::pair<std::uint64_t, std::uint64_t>> parse_api_version(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot != std::string_view::npos) {
    const auto major = base::parse_uint(text.substr(0, dot));
    const auto minor = base::parse_uint(text.substr(dot + 1));
    if (major && minor) return std::pair(*major, *minor);
  }
  return fail(Errc::invalid_input, "not an API version: " + base::log_value(text));
}

std::string hex(std::uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; number >>= 4) out[i] = kDigits[number & 15];
  return out;
}

}  // namespace

Result<Event> decode_event(std::string_view line) {
  LS_TRY(document, detail::parse_object(line, "event"));
  const Fields root(document, "");
  LS_TRY(actor_object, root.object("Actor"));
  const Fields actor(detail::or_empty(actor_object), "Actor");
  LS_TRY(type, root.text("Type"));
  LS_TRY(action, root.text("Action"));
  LS_TRY(id, actor.text("ID"));
  LS_TRY(attributes, actor.text_map("Attributes"));
  LS_TRY(seconds, root.integer("time"));
  LS_TRY(nanoseconds, root.integer("timeNano"));
  // The old spelling of container events, gone in 1.52 and the only one of some imitations.
  LS_TRY(status, root.text("status"));
  LS_TRY(old_id, root.text("id"));
  Event event;
  event.type = type.empty() && !status.empty() ? "container" : std::move(type);
  event.action = action.empty() ? std::move(status) : std::move(action);
  event.id = id.empty() ? std::move(old_id) : std::move(id);
  // Podman lets some of its own names through.
  if (event.action == "died") event.action = "die";
  if (event.type == "container" && event.action == "remove") event.action = "destroy";
  if (event.type == "network") {
    const auto container = attributes.find("container");
    event.id = container == attributes.end() ? std::string() : container->second;
  }
  if (event.type.empty() || event.action.empty()) return fail(Errc::protocol, "event: no Type or no Action");
  if (event.type == "container" && event.id.empty()) return fail(Errc::protocol, "event: no Actor.ID");
  event.attributes = std::move(attributes);
  constexpr std::int64_t kBillion = 1'000'000'000;
  if (nanoseconds == 0 && seconds > 0 && seconds < std::numeric_limits<std::int64_t>::max() / kBillion)
    nanoseconds = seconds * kBillion;
  event.time_nano = nanoseconds;
  return event;
}

Result<Engine> decode_info(std::string_view text) {
  LS_TRY(document, detail::parse_object(text, "info"));
  const Fields root(document, "");
  LS_TRY(id, root.text("ID"));
  LS_TRY(name, root.text("Name"));
  LS_TRY(version, root.text("ServerVersion"));
  Engine engine;
  LS_TRY(buildah, root.text("BuildahVersion"));
  LS_TRY(folder, root.text("DockerRootDir"));
  LS_TRY(time, root.text("SystemTime"));
  // Podman makes up another ID for every answer; one engine is one store on one host.
  engine.id = buildah.empty() ? std::move(id) : "podman-" + hex(base::fnv1a(folder, base::fnv1a(name + "\n")));
  engine.name = std::move(name);
  engine.version = std::move(version);
  engine.time_nano = nanoseconds_of(time).value_or(0);
  return engine;
}

Result<std::string> decode_network_driver(std::string_view text) {
  LS_TRY(document, detail::parse_object(text, "network"));
  return Fields(document, "").text("Driver");
}

Result<std::string> decode_image_digest(std::string_view text, std::string_view reference) {
  LS_TRY(document, detail::parse_object(text, "image"));
  LS_TRY(digests, Fields(document, "").texts("RepoDigests"));
  std::sort(digests.begin(), digests.end());
  // "registry:5000/shop/app:1" is of the repository "registry:5000/shop/app".
  const std::size_t slash = reference.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  const std::string_view repository = reference.substr(0, reference.find(':', name));
  std::string first;
  for (const std::string& one : digests) {
    const std::size_t at = one.find('@');
    if (at == std::string::npos || !one.substr(at + 1).starts_with("sha256:")) continue;
    if (one.substr(0, at) == repository) return one.substr(at + 1);
    if (first.empty()) first = one.substr(at + 1);
  }
  return first;
}

Result<VersionInfo> decode_version(std::string_view text) {
  LS_TRY(document, detail::parse_object(text, "version"));
  const Fields root(document, "");
  LS_TRY(version, root.text("Version"));
  LS_TRY(api_version, root.text("ApiVersion"));
  LS_TRY(min_api_version, root.text("MinAPIVersion"));
  VersionInfo info;
  info.version = std::move(version);
  info.api_version = std::move(api_version);
  info.min_api_version = std::move(min_api_version);
  return info;
}

Result<std::string> choose_api_version(const VersionInfo& engine) {
  LS_TRY(oldest, parse_api_version(kOldestApi));
  LS_TRY(newest, parse_api_version(kNewestApi));
  LS_TRY(offered, parse_api_version(engine.api_version));
  if (offered < oldest)
    return fail(Errc::invalid_input,
                "the engine speaks API " + engine.api_version + " at most, " + std::string(kOldestApi) + " is needed");
  if (!engine.min_api_version.empty()) {
    LS_TRY(least, parse_api_version(engine.min_api_version));
    // Versions beyond ours have only ever added or left out fields, which the codec takes.
    if (newest < least) return engine.min_api_version;
  }
  return offered < newest ? engine.api_version : std::string(kNewestApi);
}

std::string event_filters() {
  Value filters = Value::object();
  filters["type"] = {"container", "network"};
  // Podman filters by its own names, died and remove, and then shows the first as die.
  filters["event"] = {"start",   "die",    "died",   "kill",          "destroy", "remove",    "pause",
                      "unpause", "rename", "update", "health_status", "connect", "disconnect"};
  return json::dump(filters);
}

}  // namespace longshore::docker
