#include "renderer/core/remarks.h"

#include "common/base/text.h"

namespace longshore::render {
namespace {

constexpr std::size_t kMostTexts = 200;
constexpr std::size_t kMostBytes = 300;

}  // namespace

void Remarks::add(std::string_view text) {
  std::string clean(base::trim(text.substr(0, kMostBytes)));
  if (clean.empty()) return;
  // A character that the cut has halved, and what was no text before.
  clean = base::replace_invalid_utf8(clean);
  for (char& c : clean)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  if (texts_.contains(clean)) return;
  if (texts_.size() < kMostTexts)
    texts_.insert(std::move(clean));
  else
    ++more_;
}

}  // namespace longshore::render
