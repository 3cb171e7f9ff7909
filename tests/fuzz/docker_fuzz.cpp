// Docker's answers and its stream of events: the bytes cut into lines as they come from the wire, each line as an
// event, the whole as every other answer.
#include <cstdint>
#include <cstdlib>

#include "common/docker/codec.h"
#include "common/net/line_framer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace longshore;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kLongest = 512;
  net::LineFramer framer(kLongest);
  // Pieces of uneven length, as sockets give them.
  for (std::size_t at = 0, length = 1; at < size; at += length, length = length % 61 + 7) {
    framer.feed(text.substr(at, length));
    while (const auto line = framer.next()) {
      if (line->size() > kLongest) std::abort();
      static_cast<void>(docker::decode_event(*line));
    }
  }
  static_cast<void>(docker::decode_container(text));
  static_cast<void>(docker::decode_container_list(text));
  static_cast<void>(docker::decode_info(text));
  if (const auto version = docker::decode_version(text)) static_cast<void>(docker::choose_api_version(*version));
  if (const auto port = docker::parse_port(text)) {
    const auto again = docker::parse_port(docker::to_string(*port));
    if (!again || !(*again == *port)) std::abort();
  }
  return 0;
}
