// Reading what clients send to a registry: names match whatever their case and underscores, as Consul's decoders do
// (lib/decode and encoding/json: "ServiceID", "service_id", "serviceid"). The first match wins.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/json/json.h"

namespace longshore::consul {

class LooseFields {
 public:
  // `object` must be a JSON object and outlive this; `path` goes in front of names in errors.
  LooseFields(const json::Value& object, std::string path) : object_(object), path_(std::move(path)) {}

  // nullptr when missing or null.
  const json::Value* find(std::string_view key) const;
  // "" / 0 / false / {} when missing.
  Result<std::string> text(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key) const;
  Result<std::uint64_t> unsigned_integer(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Result<std::map<std::string, std::string>> text_map(std::string_view key) const;
  // A Go string ("10s") or nanoseconds; "" is zero.
  Result<base::Duration> duration(std::string_view key) const;
  Result<const json::Value*> object(std::string_view key) const;
  Result<const json::Value*> array(std::string_view key) const;
  std::string path(std::string_view key) const;

 private:
  const json::Value& object_;
  std::string path_;
};

}  // namespace longshore::consul
