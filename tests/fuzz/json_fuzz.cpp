// The three readers of JSON on the same bytes. None may crash; the two that check everything must agree on what is
// JSON, and what the template's reader takes can be written and read again, and is then written the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/json/json.h"
#include "common/json/reader.h"
#include "common/tmpl/json_text.h"

namespace {

using namespace longshore;

std::string written(const tmpl::Value& value) {
  tmpl::BoundedText out(1U << 24);
  if (!tmpl::write_json(out, value, {}) || out.overflow) std::abort();
  return out.text;
}

// By kind, so that each of the reading functions is reached.
void walk(json::Reader& reader, int depth) {
  if (!reader.ok()) return;
  if (depth % 3 == 0)
    reader.array([&] { walk(reader, depth + 1); });
  else if (depth % 3 == 1)
    reader.object([&](std::string_view key) {
      if (key == "text")
        static_cast<void>(reader.text());
      else if (key == "number")
        static_cast<void>(reader.integer());
      else if (key == "flag")
        static_cast<void>(reader.boolean());
      else if (key == "texts")
        static_cast<void>(reader.texts());
      else
        walk(reader, depth + 1);
    });
  else
    reader.skip();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(json::parse(text, "f"));
  json::Reader reader(text, "f");
  walk(reader, 0);
  static_cast<void>(reader.finish());
  const auto value = tmpl::read_json(text);
  if (!value) return 0;
  const std::string once = written(*value);
  const auto again = tmpl::read_json(once);
  if (!again || written(*again) != once) std::abort();
  if (!json::parse(once, "f") && json::parse(text, "f")) std::abort();
  return 0;
}
