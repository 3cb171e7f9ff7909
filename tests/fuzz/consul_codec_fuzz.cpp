// Every decoder of Consul's JSON on the same bytes: none may crash, and what is decoded must encode and decode again.
#include <cstddef>
#include <cstdint>

#include "common/consul/codec.h"

namespace longshore::consul {

int fuzz_consul_codec(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)decode_agent_services(text);
  (void)decode_agent_checks(text);
  (void)decode_service(text);
  (void)decode_agent_self(text);
  (void)decode_health_service(text);
  (void)decode_health_checks(text);
  (void)decode_catalog_services(text);
  (void)decode_nodes(text);
  (void)decode_catalog_node(text);
  (void)decode_kv_list(text);
  (void)decode_txn_answer(text);
  (void)decode_session_id(text);
  (void)decode_sessions(text);
  (void)decode_texts(text);
  (void)decode_check_registration(text);
  (void)decode_session_request(text);
  if (const auto registration = decode_registration(text)) {
    // Malformed UTF-8 is replaced once, then nothing changes any more.
    const std::string once = encode_registration(*registration);
    const auto again = decode_registration(once);
    if (!again || encode_registration(*again) != once) __builtin_trap();
  }
  if (const auto operations = decode_txn(text))
    if (!decode_txn(encode_txn(*operations))) __builtin_trap();
  if (const auto bytes = decode_base64(text))
    if (decode_base64(encode_base64(*bytes)).value() != *bytes) __builtin_trap();
  return 0;
}

}  // namespace longshore::consul

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return longshore::consul::fuzz_consul_codec(data, size);
}
