#include "common/tmpl/sprig/keys.h"

#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace longshore::tmpl::sprig {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

// OpenSSL's word for what is wrong; Go's differs, but tells no more.
std::string reason() {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

}  // namespace

std::unexpected<Error> openssl_refused(std::string text) {
  ERR_clear_error();
  return base::fail(Errc::template_error, std::move(text));
}

PrivateKey make_rsa_key(int bits) {
  return PrivateKey(EVP_RSA_gen(static_cast<unsigned>(bits)));
}

PrivateKey make_ec_key() {
  // EVP_EC_gen is a macro that casts constness away.
  return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

PrivateKey make_ed25519_key() {
  return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

PrivateKey make_dsa_key() {
  const Context parameters(EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, nullptr));
  if (!parameters || EVP_PKEY_paramgen_init(parameters.get()) <= 0) return nullptr;
  EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters.get(), 2048);
  EVP_PKEY_CTX_set_dsa_paramgen_q_bits(parameters.get(), 256);
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_paramgen(parameters.get(), &made) <= 0) return nullptr;
  const PrivateKey shape(made);
  const Context generator(EVP_PKEY_CTX_new(shape.get(), nullptr));
  EVP_PKEY* key = nullptr;
  if (!generator || EVP_PKEY_keygen_init(generator.get()) <= 0 || EVP_PKEY_keygen(generator.get(), &key) <= 0)
    return nullptr;
  return PrivateKey(key);
}

std::string to_pem(EVP_PKEY& key) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (EVP_PKEY_base_id(&key) == EVP_PKEY_ED25519)
    PEM_write_bio_PKCS8PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  else
    PEM_write_bio_PrivateKey_traditional(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Result<PemBlock> first_pem_block(std::string_view text) {
  const Bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(in.get(), &name, &header, &data, &size) != 1) return openssl_refused("no PEM data in input");
  PemBlock out{name, {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return out;
}

Result<PrivateKey> parse_private_key(std::string_view pem) {
  LS_TRY(block, first_pem_block(pem));
  const auto* bytes = reinterpret_cast<const unsigned char*>(block.bytes.data());
  const auto size = static_cast<long>(block.bytes.size());
  if (block.type == "PRIVATE KEY") {
    PrivateKey key(d2i_AutoPrivateKey(nullptr, &bytes, size));
    if (!key) return openssl_refused("decoding PEM as PKCS#8: " + reason());
    return key;
  }
  constexpr std::string_view kSuffix = " PRIVATE KEY";
  if (!block.type.ends_with(kSuffix)) return openssl_refused("no private key data in PEM block of type " + block.type);
  const std::string kind = block.type.substr(0, block.type.size() - kSuffix.size());
  const int id = kind == "RSA" ? EVP_PKEY_RSA : kind == "EC" ? EVP_PKEY_EC : kind == "DSA" ? EVP_PKEY_DSA : 0;
  if (id == 0) return openssl_refused("invalid private key type " + block.type);
  PrivateKey key(d2i_PrivateKey(id, nullptr, &bytes, size));
  if (!key) return openssl_refused("parsing " + kind + " private key from PEM: " + reason());
  return key;
}

}  // namespace longshore::tmpl::sprig
