// Private keys in PEM, as Go writes and reads them: PKCS 1 for RSA, SEC 1 for elliptic curves, PKCS 8 for the rest.
#pragma once
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace longshore::tmpl::sprig {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// template_error, after OpenSSL has forgotten its own.
std::unexpected<Error> openssl_refused(std::string text);

PrivateKey make_rsa_key(int bits);  // nullptr if OpenSSL refuses, here and below
PrivateKey make_dsa_key();          // 2048 bits, 256 bits; takes seconds
PrivateKey make_ec_key();           // P-256
PrivateKey make_ed25519_key();

std::string to_pem(EVP_PKEY& key);
Result<PrivateKey> parse_private_key(std::string_view pem);

struct PemBlock {
  std::string type;  // "RSA PRIVATE KEY", "CERTIFICATE"
  std::string bytes;
};
// The first block of the text; nothing if there is none.
Result<PemBlock> first_pem_block(std::string_view text);

}  // namespace longshore::tmpl::sprig
