#include "renderer/settings/unused_blocks.h"

namespace longshore::render::settings {
namespace {

using Keys = std::vector<const char*>;

void know(hcl::Decoder& block, const Keys& keys) {
  for (const char* key : keys) block.value(key);
}

void know_block(hcl::Decoder& in, const char* name, const Keys& keys) {
  in.block(name, [&](hcl::Decoder& block) { know(block, keys); });
}

// Of `retry`, `ssl` and `transport`, which vault and nomad have like consul. Source: consul-template's documentation.
void know_connection(hcl::Decoder& in) {
  know_block(in, "retry", {"enabled", "attempts", "backoff", "max_backoff"});
  know_block(in, "ssl", {"enabled", "verify", "cert", "key", "ca_cert", "ca_cert_bytes", "ca_path", "server_name"});
  know_block(in, "transport",
             {"custom_dialer", "dial_keep_alive", "dial_timeout", "disable_keep_alives", "idle_conn_timeout",
              "max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host", "tls_handshake_timeout"});
}

}  // namespace

std::vector<std::string> read_unused_blocks(hcl::Decoder& root) {
  std::vector<std::string> remarks;
  const auto unused = [&](const char* name, const char* program, const Keys& keys) {
    root.block(name, [&](hcl::Decoder& block) {
      remarks.push_back(block.file() + ":" + std::to_string(block.position().line) + ": " + name +
                        " {} is accepted and not used: " + program + " is not supported");
      know(block, keys);
      know_connection(block);
    });
  };
  unused("vault", "Vault",
         {"address", "enabled", "namespace", "token", "vault_agent_token_file", "renew_token", "renew", "unwrap_token",
          "client_user_agent", "default_lease_duration", "lease_renewal_threshold", "k8s_auth_role_name",
          "k8s_service_account_token", "k8s_service_account_token_path", "k8s_service_mount_path", "grace"});
  unused("nomad", "Nomad", {"address", "enabled", "namespace", "token", "auth_username", "auth_password"});
  root.value("agent");
  root.value("host");
  return remarks;
}

}  // namespace longshore::render::settings
