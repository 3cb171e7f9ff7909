// The content hash of GET /v1/agent/service/<id>: equal texts have equal hashes, nothing more is promised.
#pragma once
#include <string>
#include <string_view>

namespace longshore::registry {

// 64 bits of FNV-1a, 16 hexadecimal digits.
std::string content_hash(std::string_view text);

}  // namespace longshore::registry
