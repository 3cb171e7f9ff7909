#include "agent/core/metadata.h"

#include <array>
#include <optional>

#include "common/base/text.h"
#include "common/docker/codec.h"

namespace longshore::agent {
namespace {

constexpr std::string_view kPrefix = "SERVICE_";
// More would be a mistake, and each is a service.
constexpr std::size_t kMostListed = 1024;

// Go's strconv.Atoi also takes a plus sign.
bool is_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  return base::parse_int(text).has_value();
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// "8000-8010", both included.
std::optional<Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = base::parse_uint(text.substr(0, dash));
  const auto last = base::parse_uint(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > 65535) return std::nullopt;
  return Range{*first, *last};
}

std::optional<docker::Protocol> parse_protocol(std::string_view text) {
  if (text == "tcp") return docker::Protocol::tcp;
  if (text == "udp") return docker::Protocol::udp;
  if (text == "sctp") return docker::Protocol::sctp;
  return std::nullopt;
}

// Takes "tcp_" and the like off the front.
std::optional<docker::Protocol> take_protocol(std::string_view& key) {
  const std::size_t underscore = key.find('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const auto protocol = parse_protocol(key.substr(0, underscore));
  if (protocol) key.remove_prefix(underscore + 1);
  return protocol;
}

enum Scope { kAll, kRange, kRangeProtocol, kPort, kPortProtocol };

class Folding {
 public:
  Folding(docker::Port port, bool compatible)
      : port_(port), number_(std::to_string(port.number)), compatible_(compatible) {}

  void fold(std::string_view name, std::string_view value) {
    if (!name.starts_with(kPrefix)) return;
    const std::string lower = base::to_lower_ascii(name.substr(kPrefix.size()));
    std::string_view key = lower;
    const std::size_t underscore = key.find('_');
    if (underscore == std::string_view::npos) return put(kAll, key, value);
    const std::string_view first = key.substr(0, underscore);
    const std::string_view rest = key.substr(underscore + 1);
    if (is_integer(first)) {
      if (first == number_) scoped(kPort, rest, value);
    } else if (const auto range = parse_range(first); range && !compatible_) {
      if (range->first <= port_.number && port_.number <= range->last) scoped(kRange, rest, value);
    } else {
      put(kAll, key, value);
    }
  }

  Metadata take() { return std::move(out_); }

 private:
  void scoped(Scope scope, std::string_view key, std::string_view value) {
    if (compatible_) return put(scope, key, value);
    const auto protocol = take_protocol(key);
    if (!protocol) return put(scope, key, value);
    if (*protocol == port_.protocol) put(static_cast<Scope>(scope + 1), key, value);
  }

  void put(Scope scope, std::string_view key, std::string_view value) {
    const auto [at, is_new] = scopes_.try_emplace(std::string(key), scope);
    if (!is_new && at->second > scope) return;
    at->second = scope;
    out_.values[at->first] = value;
    if (scope != kAll) out_.from_port.insert(at->first);
  }

  docker::Port port_;
  std::string number_;
  bool compatible_;
  std::map<std::string, Scope> scopes_;
  Metadata out_;
};

// Every entry, variables first.
template <class Visit>
void for_each_entry(const docker::Container& container, Visit visit) {
  for (const std::string& entry : container.env) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    visit(std::string_view(entry).substr(0, equals), std::string_view(entry).substr(equals + 1));
  }
  for (const auto& [name, value] : container.labels) visit(std::string_view(name), std::string_view(value));
}

void add_range(const Range& range, docker::Protocol protocol, DeclaredPorts& out) {
  for (std::uint64_t number = std::max<std::uint64_t>(range.first, 1);
       number <= range.last && out.list.size() < kMostListed; ++number)
    out.list.insert({static_cast<std::uint16_t>(number), protocol});
}

// "8080", "53/udp", "8000-8010", "8000-8010/udp"
void add_listed(std::string_view item, DeclaredPorts& out) {
  const std::size_t slash = item.find('/');
  if (const auto range = parse_range(item.substr(0, slash))) {
    const auto protocol =
        slash == std::string_view::npos ? docker::Protocol::tcp : parse_protocol(item.substr(slash + 1));
    if (protocol) return add_range(*range, *protocol, out);
  }
  if (const auto port = docker::parse_port(item))
    out.list.insert(*port);
  else
    out.malformed.emplace_back(item);
}

void add_named(std::string_view key, DeclaredPorts& out) {
  const std::size_t underscore = key.find('_');
  if (underscore == std::string_view::npos) return;
  const auto number = base::parse_uint(key.substr(0, underscore));
  if (!number || *number == 0 || *number > 65535) return;
  key.remove_prefix(underscore + 1);
  const docker::Protocol protocol = take_protocol(key).value_or(docker::Protocol::tcp);
  if (key == "name") out.named.insert({static_cast<std::uint16_t>(*number), protocol});
}

}  // namespace

std::string_view Metadata::get(std::string_view key) const {
  const auto found = values.find(std::string(key));
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Metadata::get_scoped(std::string_view key) const {
  return from_port.contains(std::string(key)) ? get(key) : std::string_view();
}

Metadata metadata_for(const docker::Container& container, docker::Port port, bool compatible) {
  Folding folding(port, compatible);
  for_each_entry(container, [&](std::string_view name, std::string_view value) { folding.fold(name, value); });
  return folding.take();
}

DeclaredPorts declared_ports(const docker::Container& container) {
  DeclaredPorts out;
  std::string listed;
  for_each_entry(container, [&](std::string_view name, std::string_view value) {
    if (!name.starts_with(kPrefix)) return;
    const std::string key = base::to_lower_ascii(name.substr(kPrefix.size()));
    if (key == "ports")
      listed = base::to_lower_ascii(value);
    else if (!value.empty())
      add_named(key, out);
  });
  if (base::trim(listed).empty()) return out;
  out.listed = true;
  for (const std::string& item : base::split(listed, ',')) {
    const std::string_view word = base::trim(item);
    if (word == "none")
      out.none = true;
    else if (!word.empty())
      add_listed(word, out);
  }
  return out;
}

std::vector<std::string> split_tags(std::string_view text) {
  std::vector<std::string> tags;
  std::string tag;
  const auto finish = [&] {
    if (!tag.empty()) tags.push_back(std::move(tag));
    tag.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',')
      tag += text[++i];
    else if (text[i] == ',')
      finish();
    else
      tag += text[i];
  }
  finish();
  return tags;
}

bool is_on(std::string_view value, bool compatible) {
  if (value.empty()) return false;
  if (compatible) return true;
  constexpr std::array<std::string_view, 6> kOff = {"0", "f", "false", "n", "no", "off"};
  const std::string word = base::to_lower_ascii(value);
  for (const std::string_view off : kOff)
    if (word == off) return false;
  return true;
}

}  // namespace longshore::agent
