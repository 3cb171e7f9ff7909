// Docker's JSON to values. Pure. Unknown fields are ignored and absent ones are empty (Podman leaves out many);
// a field of the wrong type is Errc::protocol naming its path. Malformed UTF-8 becomes U+FFFD.
// Shapes: API 1.24 to 1.5x. From 1.52 on NetworkSettings has no IPAddress and events no status, id and from.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/docker/model.h"

namespace longshore::docker {

// GET /containers/<id>/json. An answer without an Id is a protocol error.
Result<Container> decode_container(std::string_view text);
// GET /containers/json.
Result<std::vector<ContainerSummary>> decode_container_list(std::string_view text);
// One line of GET /events. Network events carry the container's ID; those without one have an empty id.
Result<Event> decode_event(std::string_view line);

// GET /info: id, name, version and clock; api_version stays empty. Podman's id is made of its host and folder: what it
// calls its ID is another one in every answer.
Result<Engine> decode_info(std::string_view text);

// GET /networks/<id>: the name of its driver.
Result<std::string> decode_network_driver(std::string_view text);
// GET /images/<id>/json: of RepoDigests ("repository@sha256:…") the digest under the reference's own repository, else
// the first in byte order; "" when there is none.
Result<std::string> decode_image_digest(std::string_view text, std::string_view reference);

// GET /version, or the headers of /_ping.
struct VersionInfo {
  std::string version;          // "20.10.24"
  std::string api_version;      // newest the engine speaks, "1.41"
  std::string min_api_version;  // oldest; "" when it does not say
  bool operator==(const VersionInfo&) const = default;
};
Result<VersionInfo> decode_version(std::string_view text);

// The version to put into paths ("1.41"): the smaller of ours and the engine's, at least the engine's oldest.
// Errors (invalid_input) when the engine's newest is older than 1.24, or when the text is no version.
inline constexpr std::string_view kOldestApi = "1.24";
inline constexpr std::string_view kNewestApi = "1.52";
Result<std::string> choose_api_version(const VersionInfo& engine);

// The decoded value of ?filters= for /events: what can change a registration, and nothing that health probes or
// execs emit. health_status makes every filter a prefix match at the engine, so no other name here may be the
// prefix of an unwanted action. `stop` is left out: it only repeats `die`.
std::string event_filters();

// "8080/tcp", "53/udp", "8080" (tcp).
Result<Port> parse_port(std::string_view text);
std::string to_string(Port port);
std::string_view to_string(Protocol protocol);
std::string_view to_string(Health health);

}  // namespace longshore::docker
