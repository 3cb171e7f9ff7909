// Fuzz entry of YAML: no text crashes or hangs the reader, and what it reads can be written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/tmpl/data/spew.h"
#include "common/tmpl/data/toml_write.h"
#include "common/tmpl/data/yaml_read.h"
#include "common/tmpl/data/yaml_write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace longshore::tmpl;
  constexpr std::size_t kMostBytes = 1U << 20;
  const auto value = yaml::read({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  BoundedText text(kMostBytes);
  if (!yaml::write(text, *value)) std::abort();
  BoundedText toml_text(kMostBytes);
  static_cast<void>(toml::write(toml_text, *value));
  BoundedText dump(kMostBytes);
  spew::dump(dump, *value);
  return 0;
}
