#include "common/deploy/container_spec.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"

namespace longshore::deploy {
namespace {

const json::Value& member(const json::Value& object, const char* key) {
  static const json::Value kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

std::string text_of(const json::Value& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// SERVICE_NAME, SERVICE_8080_NAME: whatever registers the service under this name.
bool names_service(const std::string& key) {
  return key.starts_with("SERVICE_") && key.ends_with("_NAME");
}
bool names_id(const std::string& key) {
  return key.starts_with("SERVICE_") && key.ends_with("_ID");
}

// The service's name in any colour, or without one.
bool is_name_of(const std::string& value, const ContainerWish& wish) {
  return value == wish.service || std::ranges::any_of(wish.colors, [&](const std::string& color) {
           return value == service_name(wish.service, color);
         });
}

// Under which the new container is registered.
std::string registered_name(const ContainerWish& wish) {
  return wish.color_by == ColorBy::name ? service_name(wish.service, wish.color) : wish.service;
}

// `tags` without any colour, and with that of the wish.
std::string colored_tags(const std::string& tags, const ContainerWish& wish) {
  std::vector<std::string> out;
  for (const std::string& tag : base::split(tags, ','))
    if (!base::trim(tag).empty() && std::ranges::find(wish.colors, base::trim(tag)) == wish.colors.end())
      out.push_back(tag);
  out.push_back(wish.color);
  return base::join(out, ",");
}

std::pair<std::string, std::string> split_entry(const std::string& entry) {
  const std::size_t equals = entry.find('=');
  if (equals == std::string::npos) return {entry, ""};
  return {entry.substr(0, equals), entry.substr(equals + 1)};
}

json::Value environment_of(const json::Value& old, const json::Value& from_image, const ContainerWish& wish,
                           bool& named) {
  json::Value out = json::Value::array();
  std::set<std::string> replaced;
  for (const std::string& entry : wish.environment) replaced.insert(split_entry(entry).first);
  const auto add = [&](const std::string& entry) {
    auto [key, value] = split_entry(entry);
    if (names_id(key)) return;
    if (names_service(key) && is_name_of(value, wish)) {
      value = registered_name(wish);
      // A label of the image may beat it: the name is then said in a label too.
      if (key != "SERVICE_NAME") named = true;
    }
    out.push_back(key + "=" + value);
  };
  if (old.is_array())
    for (const json::Value& entry : old) {
      if (!entry.is_string() || replaced.contains(split_entry(entry.get<std::string>()).first)) continue;
      const bool inherited = from_image.is_array() && std::ranges::find(from_image, entry) != from_image.end();
      if (!inherited) add(entry.get<std::string>());
    }
  for (const std::string& entry : wish.environment) add(entry);
  return out;
}

// SERVICE_TAGS of a container's variables.
std::string tags_in(const json::Value& environment) {
  std::string out;
  if (environment.is_array())
    for (const json::Value& entry : environment)
      if (const auto [key, value] = split_entry(text_of(entry)); key == "SERVICE_TAGS") out = value;
  return out;
}

// `environment`: of the new container, whose tags a label would hide.
json::Value labels_of(const json::Value& old, const json::Value& from_image, const ContainerWish& wish, bool named,
                      const json::Value& environment) {
  json::Value out = json::Value::object();
  const auto add = [&](const std::string& key, std::string value) {
    if (names_id(key)) return;
    if (names_service(key) && is_name_of(value, wish)) {
      value = registered_name(wish);
      named = true;
    }
    out[key] = std::move(value);
  };
  if (old.is_object())
    for (const auto& [key, value] : old.items())
      if (value.is_string() && text_of(member(from_image, key.c_str())) != value.get<std::string>())
        add(key, value.get<std::string>());
  for (const std::string& entry : wish.labels) {
    auto [key, value] = split_entry(entry);
    add(key, std::move(value));
  }
  if (!named) out["SERVICE_NAME"] = registered_name(wish);
  if (wish.color_by != ColorBy::name && !wish.color.empty()) out["SERVICE_COLOR"] = wish.color;
  if (wish.color_by == ColorBy::tag && !wish.color.empty()) {
    const auto tags = out.find("SERVICE_TAGS");
    out["SERVICE_TAGS"] = colored_tags(tags == out.end() ? tags_in(environment) : text_of(*tags), wish);
  }
  out[kServiceLabel] = wish.service;
  out[kColorLabel] = wish.color;
  out.erase(kRunLabel);
  if (!wish.run.empty()) out[kRunLabel] = wish.run;
  return out;
}

// Two containers cannot have one port of the host.
json::Value host_config_of(const json::Value& old) {
  json::Value out = old.is_object() ? old : json::Value::object();
  if (out.contains("PortBindings") && out["PortBindings"].is_object())
    for (auto& [port, bindings] : out["PortBindings"].items())
      if (bindings.is_array())
        for (json::Value& binding : bindings)
          if (binding.is_object()) binding["HostPort"] = "";
  out.erase("ContainerIDFile");
  return out;
}

std::vector<std::string> networks_of(const json::Value& old) {
  std::vector<std::string> out;
  const json::Value& networks = member(member(old, "NetworkSettings"), "Networks");
  if (networks.is_object())
    for (const auto& [name, endpoint] : networks.items()) out.push_back(name);
  return out;
}

}  // namespace

std::string service_name(const std::string& service, const std::string& color) {
  return color.empty() ? service : service + "-" + color;
}

json::Value create_body(const json::Value& old, const json::Value& old_image, const ContainerWish& wish) {
  bool named = false;
  json::Value out;
  if (!old.is_object()) {
    out["HostConfig"] = {{"PublishAllPorts", true}, {"RestartPolicy", {{"Name", "unless-stopped"}}}};
    out["Env"] = environment_of({}, {}, wish, named);
    out["Labels"] = labels_of({}, {}, wish, named, out["Env"]);
  } else {
    out = json::Value::object();
    const json::Value& image = member(old_image, "Config");
    const json::Value& config = member(old, "Config");
    if (config.is_object())
      for (const auto& [key, value] : config.items())
        if (value != member(image, key.c_str())) out[key] = value;
    // Docker made it of the container's ID.
    if (text_of(member(old, "Id")).starts_with(text_of(member(config, "Hostname")))) out.erase("Hostname");
    out["Env"] = environment_of(member(config, "Env"), member(image, "Env"), wish, named);
    out["Labels"] = labels_of(member(config, "Labels"), member(image, "Labels"), wish, named, out["Env"]);
    out["HostConfig"] = host_config_of(member(old, "HostConfig"));
  }
  out["Image"] = wish.image;
  if (!wish.network.empty()) out["HostConfig"]["NetworkMode"] = wish.network;
  return out;
}

std::vector<std::string> further_networks(const json::Value& old, const ContainerWish& wish) {
  if (!wish.network.empty()) return {};
  std::vector<std::string> out = networks_of(old);
  std::string first = text_of(member(member(old, "HostConfig"), "NetworkMode"));
  if (first == "default") first = "bridge";
  std::erase(out, first);
  return first == "host" || first == "none" || first.starts_with("container:") ? std::vector<std::string>() : out;
}

}  // namespace longshore::deploy
