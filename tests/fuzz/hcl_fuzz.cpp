// Fuzz entry of the configuration reader: no text crashes, hangs or yields a place outside of the text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/hcl/decoder.h"
#include "common/hcl/reader.h"

namespace {

void decode(longshore::hcl::Decoder& block) {
  for (const std::string_view key : {"a", "b", "name"}) {
    block.text(key);
    block.boolean(key);
    block.integer(key, 0, 10);
    block.number(key);
    block.duration(key);
    block.texts(key);
    block.text_map(key);
  }
  block.required_text("c");
  block.block("d", decode);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = longshore::hcl::parse(text, "f");
  if (!document) {
    if (!document.error().text.starts_with("f:")) std::abort();
    return 0;
  }
  longshore::hcl::Decoder root(*document);
  decode(root);
  root.blocks("e", decode);
  root.labelled_blocks("g", [](const longshore::hcl::Key&, longshore::hcl::Decoder& block) { decode(block); });
  static_cast<void>(root.finish());
  return 0;
}
