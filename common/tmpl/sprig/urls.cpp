// urlParse urlJoin
#include "common/tmpl/sprig/dict_value.h"
#include "common/tmpl/sprig/tools.h"
#include "common/tmpl/sprig/url.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kMapOfAny;
using types::kString;

Result<Value> url_parse(Call& call, Args args) {
  const auto url = parse_url(args[0].as_string());
  if (!url) return bad("unable to parse url: " + url.error().text);
  Dict& out = new_dict(call);
  const std::pair<const char*, std::string> fields[] = {
      {"scheme", url->scheme},       {"host", url->host},
      {"hostname", host_name(*url)}, {"path", url->path},
      {"query", url->query},         {"opaque", url->opaque},
      {"fragment", url->fragment},   {"userinfo", url->user ? to_string(*url->user) : ""}};
  for (const auto& [key, text] : fields) LS_TRY_STATUS(out.set(call, key, Value::string(text)));
  return out.value();
}

Result<std::string> text_at(const Value& dict, const char* key) {
  const auto found = dict.find(key);
  if (!found) return std::string();
  if (is_nothing(*found)) return bad(kNilDereference);
  if (!found->is_string())
    return bad("unable to parse " + std::string(key) + " key, must be of type string, but " +
               std::string(kind_name(*found)) + " found");
  return std::string(found->as_string());
}

Result<Value> url_join(Call&, Args args) {
  Url url;
  const std::pair<const char*, std::string*> fields[] = {{"scheme", &url.scheme}, {"host", &url.host},
                                                         {"path", &url.path},     {"query", &url.query},
                                                         {"opaque", &url.opaque}, {"fragment", &url.fragment}};
  for (const auto& [key, field] : fields) {
    LS_TRY(text, text_at(args[0], key));
    *field = std::move(text);
  }
  LS_TRY(user, text_at(args[0], "userinfo"));
  if (!user.empty()) {
    auto with_user = parse_url("proto://" + user + "@host");
    if (!with_user) return bad("unable to parse userinfo in dict: " + with_user.error().text);
    url.user = std::move(with_user->user);
  }
  return Value::string(to_string(url));
}

}  // namespace

void add_urls(FunctionTable& table) {
  add(table, "urlParse", {&kString}, url_parse);
  add(table, "urlJoin", {&kMapOfAny}, url_join);
}

}  // namespace longshore::tmpl::sprig
