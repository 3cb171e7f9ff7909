// The Meta of a service: what routing and operators read. Consul refuses a whole registration whose Meta breaks its
// limits, so they are met here by trimming, each time with a note.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/metadata.h"
#include "common/consul/model.h"

namespace longshore::agent {

inline constexpr std::string_view kMetaOwner = "longshore-owner";
inline constexpr std::string_view kMetaContainer = "longshore-container";  // first 12 digits of the container's ID
inline constexpr std::string_view kMetaImage = "longshore-image";
// Of the image: the digest in its reference, else that of RepoDigests, else its ID.
inline constexpr std::string_view kMetaDigest = "longshore-digest";
inline constexpr std::string_view kMetaRevision = "longshore-revision";  // org.opencontainers.image.revision
inline constexpr std::string_view kMetaVersion = "longshore-version";    // org.opencontainers.image.version
inline constexpr std::string_view kMetaEnv = "longshore-env";
inline constexpr std::string_view kMetaDrain = "longshore-drain";    // SERVICE_DRAIN, for whoever drains it
inline constexpr std::string_view kMetaChecks = "longshore-checks";  // checks_fingerprint()

// Consul: structs.ValidateServiceMetadata.
inline constexpr std::size_t kMetaPairs = 64;
inline constexpr std::size_t kMetaKeyBytes = 128;
inline constexpr std::size_t kMetaValueBytes = 512;

// Does the key's name say that its value must not be shown?
bool looks_secret(std::string_view key);

// The attributes among the metadata: everything but id, name and tags; without checks, secrets and the agent's own
// settings unless `all`. Compatible: of the settings only checks and IGNORE are known as such.
// Keys that Consul refuses are left out, long values cut at a character's end; at most kMetaPairs - reserved pairs,
// host, path and port first.
consul::StringMap attributes(const Metadata& metadata, MetaChoice choice, std::size_t reserved,
                             std::vector<std::string>& notes, bool compatible = false);

// At most kMetaValueBytes, cut at the end of a UTF-8 character.
std::string cut_value(std::string_view value);

}  // namespace longshore::agent
