#include "common/consul/claim.h"

#include "common/base/text.h"
#include "common/json/json.h"

namespace longshore::consul {

std::optional<std::string> claimant_of(std::string_view value) {
  const std::string_view text = base::trim(value);
  if (text.empty()) return std::nullopt;
  if (text.find_first_of("{}[]\"\n") == std::string_view::npos) return std::string(text);
  const Result<json::Value> parsed = json::parse(text, "a claim");
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto found = parsed->find("service");
  if (found == parsed->end() || !found->is_string() || found->get_ref<const std::string&>().empty())
    return std::nullopt;
  return found->get<std::string>();
}

}  // namespace longshore::consul
