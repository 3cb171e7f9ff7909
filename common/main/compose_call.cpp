#include "common/main/compose_call.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "common/tmpl/data/yaml_read.h"

namespace longshore::app {
namespace {

constexpr std::size_t kLargest = 4 << 20;  // bytes
constexpr int kDeepest = 100;

Result<std::string> read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return fail(errno == ENOENT ? Errc::not_found : Errc::io, path + ": " + std::strerror(errno));
  std::string text;
  char piece[4096];
  while (const std::size_t got = std::fread(piece, 1, sizeof piece, file)) {
    text.append(piece, got);
    if (text.size() > kLargest) break;
  }
  const bool broken = std::ferror(file) != 0;
  std::fclose(file);
  if (broken) return fail(Errc::io, path + ": cannot be read");
  if (text.size() > kLargest) return fail(Errc::limit, path + ": larger than 4 MB");
  return text;
}

Result<json::Value> to_json(const tmpl::Value& value, int depth) {
  if (depth > kDeepest) return fail(Errc::limit, "nested too deeply");
  switch (value.kind()) {
    case tmpl::Kind::list: {
      json::Value out = json::Value::array();
      for (std::size_t at = 0; at < value.size(); ++at) {
        LS_TRY(item, to_json(value.at(at), depth + 1));
        out.push_back(std::move(item));
      }
      return out;
    }
    case tmpl::Kind::map: {
      json::Value out = json::Value::object();
      for (const tmpl::MapEntry& entry : value.entries()) {
        LS_TRY(key, to_json(entry.first, depth + 1));
        LS_TRY(item, to_json(entry.second, depth + 1));
        out[key.is_string() ? key.get<std::string>() : json::dump(key)] = std::move(item);
      }
      return out;
    }
    case tmpl::Kind::string:
      return json::Value(std::string(value.as_string()));
    case tmpl::Kind::boolean:
      return json::Value(value.as_bool());
    default:
      break;
  }
  if (value.is_signed()) return json::Value(value.as_int());
  if (value.is_unsigned()) return json::Value(value.as_uint());
  if (value.is_float()) return json::Value(value.as_float());
  return json::Value();
}

Result<json::Value> read_yaml(const std::string& path) {
  LS_TRY(text, read_file(path));
  Result<tmpl::Value> value = tmpl::yaml::read(text);
  if (!value) return fail(value.error().with(path));
  Result<json::Value> out = to_json(*value, 0);
  if (!out) return fail(out.error().with(path));
  return out;
}

}  // namespace

Result<std::vector<deploy::ComposeService>> compose_services(const std::string& path, const Invocation& invocation) {
  LS_TRY(compose, read_yaml(path));
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::absolute(path, ignored).parent_path();
  json::Value rancher;
  Result<json::Value> beside = read_yaml((folder / "rancher-compose.yml").string());
  if (beside)
    rancher = std::move(*beside);
  else if (beside.error().code != Errc::not_found)
    return fail(std::move(beside.error()));
  const deploy::Variable variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = invocation.environment.find(name);
    if (found == invocation.environment.end()) return std::nullopt;
    return found->second;
  };
  auto out = deploy::read_compose(compose, rancher, folder.filename().string(), variable);
  if (!out) return fail(out.error().with(path));
  return out;
}

}  // namespace longshore::app
