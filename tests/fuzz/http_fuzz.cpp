// HTTP as it arrives at the registry and at our clients: requests and responses, in uneven pieces and several in one
// stream. The first byte picks the kind.
#include <cstdint>
#include <cstdlib>

#include "common/net/http_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace longshore::net;
  if (size == 0) return 0;
  constexpr HttpParser::Limits kLimits{.header = 1024, .body = 4096};
  const auto kind = data[0] % 2 == 0 ? HttpParser::Kind::request : HttpParser::Kind::response;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string buffer;
  for (int message = 0; message < 4; ++message) {
    HttpParser parser(kind, kLimits);
    std::size_t body = 0;
    bool failed = false;
    std::size_t length = 1 + data[0] / 2;
    while (!parser.done() && !failed && !rest.empty()) {
      const std::string_view piece = rest.substr(0, length);
      rest.remove_prefix(piece.size());
      buffer += piece;
      failed = !parser.feed(buffer);
      body += parser.take_body().size();
      if (body > kLimits.body) std::abort();
      length = length % 61 + 7;
    }
    if (!failed && !parser.done()) failed = !parser.feed_end();
    if (failed || !parser.done()) return 0;
    if (kind == HttpParser::Kind::request) static_cast<void>(serialize(parser.request(), "host"));
  }
  return 0;
}
