#include "common/drain/word.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <tuple>
#include <utility>

#include "common/base/hash.h"
#include "common/json/fields.h"

namespace longshore::drain {
namespace {

std::uint64_t from_hex(const std::string& text) {
  return std::strtoull(text.c_str(), nullptr, 16);
}

// Of thousands of services at each change: written as text, without a tree in between.
void append_name(std::string& out, const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '@';
  };
  if (std::ranges::all_of(name, plain))
    out.append("\"").append(name).append("\"");
  else
    out += json::dump(json::Value(name));
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

void append(std::string& out, std::string_view key, const Stage& stage) {
  out.append("\"").append(key).append("\":{\"generation\":");
  append_number(out, stage.generation);
  out.append(",\"hash\":\"");
  append_hex(out, stage.hash);
  out.append("\",\"index\":");
  append_number(out, stage.index);
  out.append("}");
}

Result<Stage> stage_of(const json::Fields& service, std::string_view key) {
  LS_TRY(object, service.object(key));
  Stage out;
  if (object == nullptr) return out;
  const json::Fields fields(*object, service.path(key));
  LS_TRY(index, fields.unsigned_integer("index"));
  LS_TRY(hash, fields.text("hash"));
  LS_TRY(generation, fields.unsigned_integer("generation"));
  out.index = index;
  out.hash = from_hex(hash);
  out.generation = generation;
  return out;
}

enum class Knows { nothing, same_set, answer };

Knows knows(const ServiceWord* word, const Expected& expected) {
  if (word == nullptr) return Knows::answer;
  const Stage& stage = word->settled;
  if (expected.index != 0 && stage.index >= expected.index) return Knows::answer;
  return expected.hash != 0 && stage.hash == expected.hash ? Knows::same_set : Knows::nothing;
}

const ServiceWord* find(const RendererWord& word, const std::string& name) {
  const auto found = word.services.find(name);
  return found == word.services.end() ? nullptr : &found->second;
}

}  // namespace

std::string encode(const RendererWord& word) {
  json::Value out;
  out["version"] = 1;
  out["host"] = word.host;
  out["instance"] = word.instance;
  out["pid"] = word.pid;
  out["at"] = word.at;
  out["generation"] = word.generation;
  out["settled_generation"] = word.settled_generation;
  out["old_requests"] = word.old_requests;
  out["stale"] = word.stale;
  out["starting"] = word.starting;
  out["held_back"] = word.held_back;
  out["quarantined"] = word.quarantined;
  out["guarded"] = word.guarded;
  if (!word.colors.empty()) out["colors"] = word.colors;
  std::string text = json::dump(out);
  text.reserve(text.size() + word.services.size() * 96);
  text.back() = ',';
  text += "\"services\":{";
  bool first = true;
  for (const auto& [name, service] : word.services) {
    if (!std::exchange(first, false)) text += ',';
    append_name(text, name);
    text += ":{";
    if (service.applied != service.settled) {
      append(text, "applied", service.applied);
      text += ',';
    }
    append(text, "settled", service.settled);
    if (!service.out.empty()) text += ",\"out\":" + json::dump(json::Value(service.out));
    text += '}';
  }
  return text + "}}";
}

Result<RendererWord> decode(std::string_view text) {
  LS_TRY(value, json::parse(text, "renderer's record"));
  if (!value.is_object()) return fail(Errc::protocol, "renderer's record: no object");
  const json::Fields fields(value, "");
  RendererWord word;
  LS_TRY(host, fields.text("host"));
  LS_TRY(instance, fields.text("instance"));
  LS_TRY(pid, fields.integer("pid"));
  LS_TRY(at, fields.text("at"));
  LS_TRY(generation, fields.unsigned_integer("generation"));
  LS_TRY(settled_generation, fields.unsigned_integer("settled_generation"));
  LS_TRY(old_requests, fields.unsigned_integer("old_requests"));
  LS_TRY(stale, fields.unsigned_integer("stale"));
  LS_TRY(starting, fields.boolean("starting"));
  LS_TRY(held_back, fields.texts("held_back"));
  LS_TRY(quarantined, fields.texts("quarantined"));
  LS_TRY(guarded, fields.texts("guarded"));
  LS_TRY(colors, fields.object("colors"));
  LS_TRY(services, fields.object("services"));
  word.host = std::move(host);
  word.instance = std::move(instance);
  word.pid = pid;
  word.at = std::move(at);
  word.generation = generation;
  word.settled_generation = settled_generation;
  word.old_requests = old_requests;
  word.stale = stale;
  word.starting = starting;
  word.held_back = std::move(held_back);
  word.quarantined = std::move(quarantined);
  word.guarded = std::move(guarded);
  if (colors != nullptr) {
    const json::Fields by_service(*colors, "colors");
    for (const auto& [name, list] : colors->items()) {
      LS_TRY(names, by_service.texts(name));
      word.colors[name] = std::set<std::string>(names.begin(), names.end());
    }
  }
  if (services == nullptr) return word;
  for (const auto& [name, item] : services->items()) {
    if (!item.is_object()) return fail(Errc::protocol, "renderer's record: services." + name + " is no object");
    const json::Fields one(item, "services." + name);
    LS_TRY(settled, stage_of(one, "settled"));
    LS_TRY(applied, stage_of(one, "applied"));
    LS_TRY(out, one.texts("out"));
    if (!item.contains("applied")) applied = settled;
    word.services[name] = {applied, settled, std::move(out)};
  }
  return word;
}

void SetHash::add(std::string_view node, std::string_view id, std::string_view health) {
  for (const std::string_view part : {node, id, health}) {
    value_ = base::fnv1a(part, value_);
    value_ = base::fnv1a(std::string_view("\0", 1), value_);
  }
}

std::string_view health_of(const std::vector<consul::HealthCheck>& checks) {
  bool warning = false, critical = false, maintenance = false;
  for (const consul::HealthCheck& check : checks) {
    if (check.check_id == "_node_maintenance" || check.check_id.starts_with("_service_maintenance:"))
      maintenance = true;
    else if (check.status == "critical")
      critical = true;
    else if (check.status == "warning")
      warning = true;
    else if (check.status != "passing")
      return "";
  }
  return maintenance ? "maintenance" : critical ? "critical" : warning ? "warning" : "passing";
}

std::uint64_t set_hash(std::vector<consul::ServiceEntry> entries) {
  std::ranges::sort(entries, {},
                    [](const consul::ServiceEntry& entry) { return std::tie(entry.node.node, entry.service.id); });
  SetHash hash;
  for (const consul::ServiceEntry& entry : entries)
    hash.add(entry.node.node, entry.service.id, health_of(entry.checks));
  return hash.value();
}

Standing judge(const std::vector<consul::KvPair>& records, const std::string& prefix, const Expected& expected) {
  Standing out;
  for (const consul::KvPair& record : records) {
    if (!record.key.starts_with(prefix) || record.key.size() == prefix.size()) continue;
    const std::string id = record.key.substr(prefix.size());
    const bool lives = !record.session.empty();
    const Result<RendererWord> word = decode(record.value);
    if (!word) {
      out.missing.push_back(id);
      continue;
    }
    const ServiceWord* here = find(*word, expected.service);
    const ServiceWord* there = find(*word, expected.service + "@" + expected.datacenter);
    const Knows known = std::min(knows(here, expected), knows(there, expected));
    if (word->starting || known == Knows::nothing) {
      (lives ? out.waiting : out.missing).push_back(id);
    } else if (known == Knows::same_set && record.modify_index < expected.index) {
      out.unsure.push_back(id);
    } else if (here != nullptr || there != nullptr) {
      out.settled.push_back(id);
      if (word->old_requests != 0 && lives) out.busy.push_back(id);
    }
  }
  return out;
}

bool is_kept_out(const std::vector<consul::KvPair>& records, const std::string& prefix, const std::string& service,
                 const std::string& node, const std::string& id) {
  const std::string key = node + "/" + id;
  for (const consul::KvPair& record : records) {
    if (!record.key.starts_with(prefix) || record.session.empty()) continue;
    const Result<RendererWord> word = decode(record.value);
    const ServiceWord* known = word ? find(*word, service) : nullptr;
    if (known != nullptr && std::ranges::find(known->out, key) != known->out.end()) return true;
  }
  return false;
}

}  // namespace longshore::drain
