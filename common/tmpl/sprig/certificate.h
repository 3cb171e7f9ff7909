// X.509 certificates with the contents that sprig gives them through Go's crypto/x509.
#pragma once
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/tmpl/bind.h"
#include "common/tmpl/sprig/keys.h"

namespace longshore::tmpl::sprig {

struct Certificate {
  std::string cert;  // PEM, as is the key
  std::string key;
};

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Parsed509 = std::unique_ptr<X509, FreeCertificate>;

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> addresses;  // IP addresses, checked
  std::vector<std::string> names;
  std::chrono::system_clock::time_point from;
  std::int64_t days = 0;
  bool authority = false;
};

// Signed by the issuer, or by the key itself if there is none.
Result<Certificate> make_certificate(const CertificateRequest& request, EVP_PKEY& key, X509* issuer,
                                     EVP_PKEY* issuer_key);
// Of the first PEM block; `what` is how errors name it.
Result<Parsed509> parse_certificate(std::string_view pem, std::string_view what);
bool is_address(const std::string& text);

}  // namespace longshore::tmpl::sprig

template <>
struct longshore::tmpl::GoType<longshore::tmpl::sprig::Certificate>
    : longshore::tmpl::RecordBinding<longshore::tmpl::sprig::Certificate> {
  static constexpr std::string_view kName = "sprig.certificate";
  static constexpr bool kPointer = false;
  static constexpr FieldOps kFields[] = {field<&longshore::tmpl::sprig::Certificate::cert>("Cert"),
                                         field<&longshore::tmpl::sprig::Certificate::key>("Key")};
};
