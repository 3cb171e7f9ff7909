#include "renderer/settings/print.h"

#include <cstdio>

#include "common/json/json.h"
#include "renderer/settings/signal_name.h"

namespace longshore::render::settings {
namespace {

json::Value value_of(bool value) {
  return value;
}
json::Value value_of(std::int64_t value) {
  return value;
}
json::Value value_of(const std::string& value) {
  return value;
}
json::Value value_of(base::Duration value) {
  return base::format_duration(value);
}
json::Value value_of(const Secret& secret) {
  return secret.text.empty() ? "" : "(hidden)";
}
json::Value value_of(const Signal& signal) {
  return signal_name(signal.number);
}
json::Value value_of(const FileMode& mode) {
  char text[8];
  std::snprintf(text, sizeof text, "0%o", mode.bits);
  return text;
}
json::Value value_of(const Command& command) {
  if (command.words.size() == 1) return command.words.front();
  return command.words;
}

template <class T>
void add(json::Value& out, const char* name, const std::optional<T>& value) {
  if (value) out[name] = value_of(*value);
}
void add(json::Value& out, const char* name, const Texts& texts) {
  if (texts.list) out[name] = *texts.list;
}
void add(json::Value& out, const char* name, const TextMap& map) {
  if (!map.entries.empty()) out[name] = map.entries;
}
template <Block B>
void add(json::Value& out, const char* name, const std::vector<B>& blocks);
template <Block B>
void add(json::Value& out, const char* name, const B& block) {
  json::Value inner = json::Value::object();
  for_each_field(block, [&](const char* key, const auto& member) { add(inner, key, member); });
  if (!inner.empty()) out[name] = std::move(inner);
}
template <Block B>
void add(json::Value& out, const char* name, const std::vector<B>& blocks) {
  json::Value list = json::Value::array();
  for (const B& one : blocks) {
    json::Value holder = json::Value::object();
    add(holder, name, one);
    list.push_back(std::move(holder[name]));
  }
  if (!list.empty()) out[name] = std::move(list);
}

void add(json::Value& out, const char* name, const std::vector<Group>& groups) {
  for (const Group& one : groups) {
    json::Value holder = json::Value::object();
    add(holder, one.name.c_str(), one);
    out[name][one.name] = holder.empty() ? json::Value::object() : std::move(holder[one.name]);
  }
}

}  // namespace

std::string print(const Settings& settings) {
  json::Value out = json::Value::object();
  for_each_field(settings, [&](const char* name, const auto& member) { add(out, name, member); });
  return json::dump(out, 2) + "\n";
}

}  // namespace longshore::render::settings
