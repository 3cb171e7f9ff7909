// sha256Hex md5sum hmacSHA256Hex base64*
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/tmpl/base64.h"
#include "common/tmpl/helper_tools.h"

namespace longshore::tmpl {
namespace {

using types::kString;

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 0xF];
  }
  return out;
}

Result<Value> digest(const EVP_MD* algorithm, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, algorithm, nullptr) != 1) return bad("digest not available");
  return Value::string(hex(bytes, size));
}

Result<Value> sha256_hex(Call&, Args args) {
  return digest(EVP_sha256(), args[0].as_string());
}
Result<Value> md5_hex(Call&, Args args) {
  return digest(EVP_md5(), args[0].as_string());
}

Result<Value> hmac_hex(Call&, Args args) {
  const std::string_view text = args[0].as_string();
  const std::string_view key = args[1].as_string();
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const auto* start = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(EVP_sha256(), key.empty() ? "" : key.data(), static_cast<int>(key.size()), start, text.size(), bytes,
           &size) == nullptr)
    return bad("digest not available");
  return Value::string(hex(bytes, size));
}

template <bool Url>
Result<Value> encode(Call&, Args args) {
  return Value::string(base64_encode(args[0].as_string(), Url));
}

template <bool Url>
Result<Value> decode(Call& call, Args args) {
  auto bytes = base64_decode(args[0].as_string(), Url);
  if (!bytes) return bad(std::string(call.name()) + ": " + bytes.error().text);
  return Value::string(std::move(*bytes));
}

}  // namespace

void add_digest_helpers(FunctionTable& table) {
  table.add("sha256Hex", {&kString}, sha256_hex);
  table.add("md5sum", {&kString}, md5_hex);
  table.add("hmacSHA256Hex", {&kString, &kString}, hmac_hex);
  table.add("base64Encode", {&kString}, encode<false>);
  table.add("base64Decode", {&kString}, decode<false>);
  table.add("base64URLEncode", {&kString}, encode<true>);
  table.add("base64URLDecode", {&kString}, decode<true>);
}

}  // namespace longshore::tmpl
