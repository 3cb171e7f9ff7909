#include "common/registry/uuid.h"

namespace longshore::registry {

std::string make_uuid(policy::Random& random) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : out) {
    if (c != 'x') continue;
    if (left == 0) bits = random.next(), left = 16;
    c = kHex[bits & 15];
    bits >>= 4;
    --left;
  }
  return out;
}

}  // namespace longshore::registry
