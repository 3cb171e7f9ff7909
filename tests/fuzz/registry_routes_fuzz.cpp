// A script of requests against one store: a line is `METHOD TARGET[ BODY]`; time passes between lines. No request may
// crash, no index may fall, and no answer may be without a status.
#include <cstddef>
#include <cstdint>

#include "common/base/text.h"
#include "common/registry/routes.h"

namespace longshore::registry {

int fuzz_registry_routes(const std::uint8_t* data, std::size_t size) {
  Store store(Identity{"n1", "", "127.0.0.1", "dc1"}, 1);
  store.start();
  base::TimePoint now{};
  std::uint64_t index = store.index();
  for (const std::string& line : base::split(std::string_view(reinterpret_cast<const char*>(data), size), '\n')) {
    now += std::chrono::seconds(7);
    net::Request request;
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    request.method = line.substr(0, first);
    request.target = first == std::string::npos ? "" : line.substr(first + 1, second - first - 1);
    if (first != std::string::npos && second != std::string::npos) request.body = line.substr(second + 1);
    const Outcome outcome = route(store, Call{request, now, 0.5, std::nullopt});
    if (const auto* response = std::get_if<net::Response>(&outcome)) {
      if (response->status < 200 || response->status > 599) __builtin_trap();
    } else if (std::get<Wait>(outcome).until <= now) {
      __builtin_trap();
    }
    store.expire(now);
    const Changes changes = store.take_changes();
    if (store.index() < index) __builtin_trap();
    index = store.index();
    // What is written down can be read back.
    std::vector<Row> rows;
    for (const Row& row : changes.rows)
      if (row.value) rows.push_back(row);
    Store copy(Identity{"n1", "", "127.0.0.1", "dc1"}, 1);
    if (!copy.restore(rows, now).empty()) __builtin_trap();
  }
  return 0;
}

}  // namespace longshore::registry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return longshore::registry::fuzz_registry_routes(data, size);
}
