// base dir clean ext isAbs and their os forms: Go's path package, which on Linux is filepath's, too.
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;

// path.Clean: no empty and no "." parts, ".." taken back; "" is ".".
std::string cleaned(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t at = path.find('/');
    const std::string_view part = path.substr(0, at);
    path.remove_prefix(at == std::string_view::npos ? path.size() : at + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (!rooted)
      parts.push_back(part);
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) (i > 0 ? out += '/' : out) += parts[i];
  return out.empty() ? "." : out;
}

Result<Value> clean(Call&, Args args) {
  return Value::string(cleaned(args[0].as_string()));
}

Result<Value> base_name(Call&, Args args) {
  std::string_view path = args[0].as_string();
  if (path.empty()) return Value::string(".");
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return Value::string("/");
  return Value::string(std::string(path.substr(path.rfind('/') + 1)));
}

Result<Value> dir(Call&, Args args) {
  const std::string_view path = args[0].as_string();
  return Value::string(cleaned(path.substr(0, path.rfind('/') + 1)));
}

Result<Value> ext(Call&, Args args) {
  const std::string_view path = args[0].as_string();
  const std::size_t dot = path.find_last_of("./");
  if (dot == std::string_view::npos || path[dot] == '/') return Value::string("");
  return Value::string(std::string(path.substr(dot)));
}

Result<Value> is_abs(Call&, Args args) {
  return Value::boolean(args[0].as_string().starts_with('/'));
}

}  // namespace

void add_paths(FunctionTable& table) {
  for (const char* name : {"clean", "osClean"}) add(table, name, {&kString}, clean);
  for (const char* name : {"base", "osBase"}) add(table, name, {&kString}, base_name);
  for (const char* name : {"dir", "osDir"}) add(table, name, {&kString}, dir);
  for (const char* name : {"ext", "osExt"}) add(table, name, {&kString}, ext);
  for (const char* name : {"isAbs", "osIsAbs"}) add(table, name, {&kString}, is_abs);
}

}  // namespace longshore::tmpl::sprig
