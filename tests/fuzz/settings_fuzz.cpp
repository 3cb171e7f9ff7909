// Fuzz entry of the renderer's settings: no text crashes; what is accepted can be printed, read back and printed the
// same, and merging it over itself changes no single value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "renderer/settings/decode.h"
#include "renderer/settings/merge.h"
#include "renderer/settings/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace longshore::render::settings;
  const auto decoded = decode(std::string_view(reinterpret_cast<const char*>(data), size), "f");
  if (!decoded) {
    if (!decoded.error().text.starts_with("f:")) std::abort();
    return 0;
  }
  const std::string printed = print(decoded->settings);
  const auto again = decode(printed, "f");
  if (!again || print(again->settings) != printed) std::abort();
  Settings twice = decoded->settings;
  merge(twice, decoded->settings);
  if (twice.templates.size() != 2 * decoded->settings.templates.size()) std::abort();
  if (twice.consul.address != decoded->settings.consul.address || twice.max_stale != decoded->settings.max_stale)
    std::abort();
  return 0;
}
