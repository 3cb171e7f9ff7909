#include "renderer/core/query.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"
#include "common/tmpl/text_tools.h"

namespace longshore::render {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool all_of_class(std::string_view text, std::string_view extra) {
  return !text.empty() &&
         std::ranges::all_of(text, [&](char c) { return is_word(c) || extra.find(c) != std::string_view::npos; });
}

// Walks a query from its end: every optional part starts with a mark that no part after it may contain.
class Tail {
 public:
  explicit Tail(std::string_view text) : rest_(text) {}

  // Takes `<mark><part>` off the end, if the mark is there; false when the part has foreign characters.
  template <class Text>
  bool take(char mark, std::string_view extra, Text& out) {
    const std::size_t at = rest_.find(mark);
    if (at == std::string_view::npos) return true;
    const std::string_view part = rest_.substr(at + 1);
    if (!all_of_class(part, extra)) return false;
    out = part;
    rest_ = rest_.substr(0, at);
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::unexpected<Error> refuse(std::string text) {
  return fail(Errc::template_error, std::move(text));
}
std::unexpected<Error> invalid_format(std::string_view what, std::string_view text) {
  return refuse(std::string(what) + ": invalid format: " + tmpl::quote(text));
}

// "ns=a&partition=b" into the key; the first of equal names counts, as Go's url.Values.Get.
Status apply_parameters(std::string_view what, const std::string& query, Dependency& on) {
  if (query.empty()) return {};
  std::optional<std::string> ns, partition, peer, group;
  for (const std::string& item : base::split(query, '&')) {
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    const std::string name = item.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : item.substr(equals + 1);
    std::optional<std::string>* slot = nullptr;
    if (name == "ns")
      slot = &ns;
    else if (name == "partition")
      slot = &partition;
    else if (name == "peer")
      slot = &peer;
    else if (name == "sameness-group")
      slot = &group;
    if (slot == nullptr)
      return refuse(std::string(what) + ": invalid query parameter key " + tmpl::quote(name) + " in query " +
                    tmpl::quote(query) + ": supported keys: ns,peer,partition,sameness-group");
    if (!*slot) *slot = value;
  }
  on.ns = ns.value_or("");
  on.partition = partition.value_or("");
  // The original ignores the other two everywhere but in services.
  if (on.kind == Dependency::Kind::service) {
    on.peer = peer.value_or("");
    on.sameness_group = group.value_or("");
    if (!on.peer.empty() && !on.sameness_group.empty())
      return refuse(std::string(what) + ": cannot specify both peer and sameness-group");
  }
  return {};
}

Result<HealthFilter> parse_filter(const std::string& list, std::string_view whole) {
  HealthFilter filter;
  if (list.empty()) {
    filter.add(Health::passing);
    return filter;
  }
  for (const std::string& word : base::split(list, ',')) {
    if (word.empty()) continue;
    if (word == "any")
      filter.add_any();
    else if (word == "passing")
      filter.add(Health::passing);
    else if (word == "warning")
      filter.add(Health::warning);
    else if (word == "critical")
      filter.add(Health::critical);
    else if (word == "maintenance")
      filter.add(Health::maintenance);
    else
      return refuse("health.service: invalid filter: " + tmpl::quote(word) + " in " + tmpl::quote(whole));
  }
  return filter;
}

constexpr std::string_view kPlace = ".-";
constexpr std::string_view kQuery = "-=&";

// Key and prefix: one leading slash is dropped if something remains, anything but '@' and '?' is allowed.
Result<Dependency> parse_kv(std::string_view what, Dependency::Kind kind, std::string_view text) {
  Dependency on{.kind = kind};
  if (text.empty()) return on;
  std::string query;
  Tail tail(text);
  if (!tail.take('@', kPlace, on.datacenter) || !tail.take('?', kQuery, query) || tail.rest().empty())
    return invalid_format(what, text);
  std::string_view key = tail.rest();
  if (key.size() > 1 && key.front() == '/') key.remove_prefix(1);
  on.name = key;
  LS_TRY_STATUS(apply_parameters(what, query, on));
  return on;
}

}  // namespace

Result<ServiceQuery> parse_service(std::string_view text) {
  constexpr std::string_view kWhat = "health.service";
  ServiceQuery out;
  std::string query, filter;
  Tail tail(text);
  if (!tail.take('|', ",", filter) || !tail.take('~', kPlace, out.on.near) ||
      !tail.take('@', kPlace, out.on.datacenter) || !tail.take('?', kQuery, query))
    return invalid_format(kWhat, text);
  std::string_view name = tail.rest();
  // A name has no dots, so the last one ends the tag.
  if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) {
    if (!all_of_class(name.substr(0, dot), "=:.-")) return invalid_format(kWhat, text);
    out.tag = name.substr(0, dot);
    name.remove_prefix(dot + 1);
  }
  if (!all_of_class(name, "-")) return invalid_format(kWhat, text);
  out.on.name = name;
  LS_TRY(health, parse_filter(filter, text));
  out.filter = health;
  LS_TRY_STATUS(apply_parameters(kWhat, query, out.on));
  return out;
}

Result<Dependency> parse_services(std::string_view text) {
  Dependency on{.kind = Dependency::Kind::services};
  std::string query;
  Tail tail(text);
  if (!tail.take('@', kPlace, on.datacenter) || !tail.take('?', kQuery, query) || !tail.rest().empty())
    return invalid_format("catalog.services", text);
  LS_TRY_STATUS(apply_parameters("catalog.services", query, on));
  return on;
}

Result<Dependency> parse_nodes(std::string_view text) {
  Dependency on{.kind = Dependency::Kind::nodes};
  std::string query;
  Tail tail(text);
  if (!tail.take('~', kPlace, on.near) || !tail.take('@', kPlace, on.datacenter) || !tail.take('?', kQuery, query) ||
      !tail.rest().empty())
    return invalid_format("catalog.nodes", text);
  LS_TRY_STATUS(apply_parameters("catalog.nodes", query, on));
  return on;
}

Result<Dependency> parse_node(std::string_view text) {
  Dependency on{.kind = Dependency::Kind::node};
  if (text.empty()) return on;
  std::string query;
  Tail tail(text);
  if (!tail.take('@', kPlace, on.datacenter) || !tail.take('?', kQuery, query) || !all_of_class(tail.rest(), ".-"))
    return invalid_format("catalog.node", text);
  on.name = tail.rest();
  LS_TRY_STATUS(apply_parameters("catalog.node", query, on));
  return on;
}

Result<Dependency> parse_peerings(std::string_view text) {
  Dependency on{.kind = Dependency::Kind::peerings};
  std::string query;
  Tail tail(text);
  if (!tail.take('?', kQuery, query) || !tail.rest().empty()) return invalid_format("list.peering", text);
  LS_TRY_STATUS(apply_parameters("list.peering", query, on));
  on.ns.clear();
  return on;
}

Result<Dependency> parse_key(std::string_view text) {
  return parse_kv("kv.get", Dependency::Kind::key, text);
}

Result<Dependency> parse_prefix(std::string_view text) {
  return parse_kv("kv.list", Dependency::Kind::tree, text);
}

}  // namespace longshore::render
