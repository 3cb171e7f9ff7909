// Reading what clients send to a registry: names match whatever their case and underscores, as Consul's decoders do
// (lib/decode and encoding/json: "ServiceID", "service_id", "serviceid"). The first match wins.
#pragma once
#include <string>
#include <string_view>

#include "common/base/duration.h"
#include "common/json/fields.h"

namespace longshore::consul {

class LooseFields : public json::Fields {
 public:
  // `object` must be a JSON object and outlive this; `path` goes in front of names in errors.
  LooseFields(const json::Value& object, std::string path);

  using json::Fields::find;
  // A Go string ("10s") or nanoseconds; "" is zero, and so is a missing one.
  Result<base::Duration> duration(std::string_view key) const;
};

}  // namespace longshore::consul
