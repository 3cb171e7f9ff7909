// A hash of content for telling change from no change. Stable across runs and machines; not for secrets.
#pragma once
#include <cstdint>
#include <string_view>

namespace longshore::base {

// FNV-1a, 64 bits. `seed`: a former result, to go on with.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 0xCBF29CE484222325ULL) {
  for (const char c : text) {
    seed ^= static_cast<unsigned char>(c);
    seed *= 0x100000001B3ULL;
  }
  return seed;
}

}  // namespace longshore::base
