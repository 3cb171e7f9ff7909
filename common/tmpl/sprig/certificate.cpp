#include "common/tmpl/sprig/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace longshore::tmpl::sprig {
namespace {

struct FreeAddress {
  void operator()(ASN1_OCTET_STRING* address) const { ASN1_OCTET_STRING_free(address); }
};
struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

bool set_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  const bool good = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return good;
}

bool add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  if (extension == nullptr) return false;
  const bool good = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return good;
}

bool add_name(GENERAL_NAMES* names, int kind, ASN1_STRING* text) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, kind, text);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

bool add_alternative_names(X509* certificate, const CertificateRequest& request) {
  if (request.names.empty() && request.addresses.empty()) return true;
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names(GENERAL_NAMES_new());
  for (const std::string& name : request.names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    if (!add_name(names.get(), GEN_DNS, text)) return false;
  }
  for (const std::string& address : request.addresses)
    if (!add_name(names.get(), GEN_IPADD, a2i_IPADDRESS(address.c_str()))) return false;
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

// The order is that of Go's crypto/x509.
bool add_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  const char* usage = request.authority ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                        : "critical,digitalSignature,keyEncipherment";
  if (!add_extension(certificate, issuer, NID_key_usage, usage)) return false;
  if (!add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth")) return false;
  if (!add_extension(certificate, issuer, NID_basic_constraints,
                     request.authority ? "critical,CA:TRUE" : "critical,CA:FALSE"))
    return false;
  if (request.authority && !add_extension(certificate, issuer, NID_subject_key_identifier, "hash")) return false;
  if (issuer != certificate && X509_get0_subject_key_id(issuer) != nullptr &&
      !add_extension(certificate, issuer, NID_authority_key_identifier, "keyid"))
    return false;
  return add_alternative_names(certificate, request);
}

bool fill(X509* certificate, X509* issuer, const CertificateRequest& request, EVP_PKEY& key) {
  using std::chrono::system_clock;
  X509_set_version(certificate, X509_VERSION_3);
  const std::time_t from = system_clock::to_time_t(request.from);
  const auto* name = reinterpret_cast<const unsigned char*>(request.common_name.data());
  X509_NAME* subject = X509_get_subject_name(certificate);
  return set_serial(certificate) && ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), from + request.days * 86400) != nullptr &&
         X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, name,
                                    static_cast<int>(request.common_name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_set_pubkey(certificate, &key) == 1 && add_extensions(certificate, issuer, request);
}

}  // namespace

bool is_address(const std::string& text) {
  const std::unique_ptr<ASN1_OCTET_STRING, FreeAddress> address(a2i_IPADDRESS(text.c_str()));
  return address != nullptr;
}

Result<Certificate> make_certificate(const CertificateRequest& request, EVP_PKEY& key, X509* issuer,
                                     EVP_PKEY* issuer_key) {
  constexpr std::int64_t kMostDays = 3'000'000;  // beyond the year 9999 there are no certificates
  if (request.days > kMostDays || request.days < -kMostDays)
    return openssl_refused("error creating certificate: cannot represent time as GeneralizedTime");
  const Parsed509 certificate(X509_new());
  if (!fill(certificate.get(), issuer != nullptr ? issuer : certificate.get(), request, key))
    return openssl_refused("error creating certificate: not available");
  EVP_PKEY* signer = issuer_key != nullptr ? issuer_key : &key;
  const bool has_own_digest = EVP_PKEY_base_id(signer) == EVP_PKEY_ED25519;
  if (X509_sign(certificate.get(), signer, has_own_digest ? nullptr : EVP_sha256()) <= 0)
    return openssl_refused("error creating certificate: cannot sign with this key");
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  Certificate made{{text, static_cast<std::size_t>(size)}, to_pem(key)};
  BIO_free(out);
  return made;
}

Result<Parsed509> parse_certificate(std::string_view pem, std::string_view what) {
  const auto block = first_pem_block(pem);
  if (!block) return openssl_refused("unable to decode certificate");
  const auto* bytes = reinterpret_cast<const unsigned char*>(block->bytes.data());
  Parsed509 parsed(d2i_X509(nullptr, &bytes, static_cast<long>(block->bytes.size())));
  if (!parsed)
    return openssl_refused("error parsing certificate: " + std::string(what) + ": x509: malformed certificate");
  return parsed;
}

}  // namespace longshore::tmpl::sprig
