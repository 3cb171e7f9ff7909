#include <algorithm>
#include <unordered_map>

#include "common/consul/print_parts.h"
#include "common/consul/prints.h"

namespace longshore::consul {
namespace {

using json::Reader;

// A node that is not the next one of the last list is looked for among so many after it: others may have gone.
constexpr std::size_t kAhead = 32;

struct ReadNode {
  std::uint64_t name = 0, sum = 0, checks = 0;
  std::vector<InstancePrint> instances = {};
  std::unordered_map<std::string_view, std::uint64_t> checks_of = {};  // by the ID of a service
};

ReadNode read(Reader& in, CheckDetail detail) {
  ReadNode out;
  NodePrint node;
  in.object([&](std::string_view key) {
    if (key == "Services") {
      in.array([&] { out.instances.push_back(read_instance(in)); });
    } else if (key == "Checks") {
      in.array([&] {
        const CheckPrint check = read_check(in, detail);
        (is_of_node(check.service_id) ? out.checks : out.checks_of[check.service_id]) += check.sum;
      });
    } else if (key == "Node") {
      const std::size_t place = in.place();
      node.take(key, in);
      out.name = hash_of(in.since(place));
    } else if (!node.take(key, in)) {
      in.raw();
    }
  });
  out.sum = node.sum;
  return out;
}

}  // namespace

void PrintBook::feed(std::string_view piece) {
  if (error_) return;
  pending_.append(piece);
  advance(false);
  pending_.erase(0, taken_);
  taken_ = 0;
}

// last: nothing follows what is there.
void PrintBook::advance(bool last) {
  while (!error_) {
    taken_ = std::min(pending_.find_first_not_of(" \t\r\n", taken_), pending_.size());
    if (taken_ == pending_.size()) return;
    const char c = pending_[taken_];
    if (at_ == At::begin && c == '[') {
      ++taken_;
      at_ = At::node;
    } else if (at_ == At::begin && pending_.size() - taken_ < 4 && !last) {
      return;
    } else if (at_ == At::begin && pending_.compare(taken_, 4, "null") == 0) {
      taken_ += 4;
      at_ = At::end;
    } else if (at_ == At::node && (c != ']' || !now_.empty())) {
      if (!take_node(last)) return;
      at_ = At::after_node;
    } else if ((at_ == At::node || at_ == At::after_node) && c == ']') {
      ++taken_;
      at_ = At::end;
    } else if (at_ == At::after_node && c == ',') {
      ++taken_;
      at_ = At::node;
    } else {
      error_ = Error{Errc::protocol, "nodes: malformed JSON: no list"};
    }
  }
}

// False: more of it is needed, or it cannot be read.
bool PrintBook::take_node(bool last) {
  const std::string_view text = std::string_view(pending_).substr(taken_);
  if (next_ < before_.size()) {
    const Node& expected = before_[next_];
    if (text.size() < expected.text_length && !last) return false;
    if (text.size() >= expected.text_length && hash_of(text.substr(0, expected.text_length)) == expected.text_print) {
      taken_ += expected.text_length;
      now_.push_back(std::move(before_[next_++]));
      return true;
    }
  }
  if (text.size() < retry_from_ && !last) return false;
  Reader in(text, "nodes");
  const std::size_t place = in.place();
  const ReadNode fresh = read(in, detail_);
  if (!in.ok()) {
    // Cut off, as it seems. What is read in vain is less than what is there.
    retry_from_ = 2 * text.size();
    if (last) error_ = in.finish().error();
    return false;
  }
  retry_from_ = 0;
  const std::string_view whole = in.since(place);
  taken_ += whole.size();
  Node node{.name = fresh.name, .text_print = hash_of(whole), .text_length = whole.size()};
  node.parts.reserve(fresh.instances.size());
  for (const InstancePrint& instance : fresh.instances) {
    std::uint64_t checks = fresh.checks;
    if (const auto own = fresh.checks_of.find(instance.id); own != fresh.checks_of.end()) checks += own->second;
    auto service = services_.find(instance.name);
    if (service == services_.end()) service = services_.emplace(std::string(instance.name), Service()).first;
    node.parts.push_back({&*service, mix(fresh.sum, instance.sum + checks)});
    service->second.sum += node.parts.back().sum;
    ++service->second.instances;
  }
  // It stands for what it was, and what was between has gone.
  const std::size_t end = std::min(before_.size(), next_ + kAhead);
  for (std::size_t at = next_; at < end; ++at) {
    if (before_[at].name != node.name) continue;
    while (next_ <= at) forget(before_[next_++]);
    break;
  }
  now_.push_back(std::move(node));
  return true;
}

void PrintBook::forget(const Node& node) {
  for (const Part& part : node.parts) {
    part.service->second.sum -= part.sum;
    --part.service->second.instances;
  }
}

Result<std::vector<ServicePrint>> PrintBook::finish() {
  advance(true);
  if (!error_ && at_ != At::end) error_ = Error{Errc::protocol, "nodes: malformed JSON: it ends here"};
  if (error_) return fail(*error_);
  while (next_ < before_.size()) forget(before_[next_++]);
  before_ = std::exchange(now_, {});
  next_ = taken_ = retry_from_ = 0;
  pending_ = {};
  at_ = At::begin;
  std::erase_if(services_, [](const auto& service) { return service.second.instances == 0; });
  std::vector<ServicePrint> out;
  out.reserve(services_.size());
  for (const auto& [name, service] : services_) {
    Reader plain(name, "the name of a service");
    out.push_back({plain.text(), service.sum});
    LS_TRY_STATUS(plain.finish());
  }
  std::ranges::sort(out, {}, &ServicePrint::name);
  return out;
}

Result<std::vector<ServicePrint>> decode_service_prints(std::string_view text, CheckDetail detail) {
  PrintBook book(detail);
  book.feed(text);
  return book.finish();
}

}  // namespace longshore::consul
