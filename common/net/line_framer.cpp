#include "common/net/line_framer.h"

namespace longshore::net {

std::optional<std::string> LineFramer::next() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
      if (buffer_.size() > longest_) {
        if (!dropping_) ++dropped_;
        dropping_ = true;
        buffer_.clear();
      }
      scanned_ = buffer_.size();
      return std::nullopt;
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    scanned_ = 0;
    const bool rest_of_dropped = dropping_;
    dropping_ = false;
    if (rest_of_dropped) continue;
    if (line.size() > longest_) {
      ++dropped_;
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
}

}  // namespace longshore::net
