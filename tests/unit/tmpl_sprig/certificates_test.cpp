// What sprig's certificate functions make, judged by OpenSSL's verifier.
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <vector>

#include "common/tmpl/sprig/certificate.h"
#include "sprig_support.h"

namespace longshore::tmpl::testing {
namespace {

std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  for (std::size_t end = text.find('|'); end != std::string::npos; end = text.find('|', at)) {
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

sprig::Parsed509 parsed(const std::string& pem) {
  auto certificate = sprig::parse_certificate(pem, "test");
  REQUIRE(certificate.has_value());
  return std::move(*certificate);
}

// X509_V_OK if the chain holds on the first day after the epoch, which is the test host's now.
int verify(X509* authority, X509* certificate, int purpose) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, authority);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate, nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_STORE_CTX_set_time(context, 0, 3600);
  X509_verify_cert(context);
  const int result = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return result;
}

TEST_CASE("a signed certificate holds for its names and addresses") {
  const std::string text = render_sprig(
      "{{$ca := sprig_genCA \"authority\" 365}}"
      "{{$c := sprig_genSignedCert \"server\" (sprig_list \"10.1.2.3\" \"::1\") (sprig_list \"a.example\") 30 $ca}}"
      "{{$ca.Cert}}|{{$ca.Key}}|{{$c.Cert}}|{{$c.Key}}|");
  const auto pieces = pieces_of(text);
  REQUIRE(pieces.size() == 4);
  const auto authority = parsed(pieces[0]);
  const auto certificate = parsed(pieces[2]);
  CHECK(verify(authority.get(), certificate.get(), X509_PURPOSE_SSL_SERVER) == X509_V_OK);
  CHECK(verify(authority.get(), certificate.get(), X509_PURPOSE_SSL_CLIENT) == X509_V_OK);
  CHECK(X509_check_ca(authority.get()) == 1);
  CHECK(X509_check_ca(certificate.get()) == 0);
  CHECK(X509_check_host(certificate.get(), "a.example", 0, 0, nullptr) == 1);
  CHECK(X509_check_host(certificate.get(), "b.example", 0, 0, nullptr) == 0);
  CHECK(X509_check_ip_asc(certificate.get(), "10.1.2.3", 0) == 1);
  CHECK(X509_check_ip_asc(certificate.get(), "::1", 0) == 1);
  CHECK(X509_get_version(certificate.get()) == X509_VERSION_3);
  const auto key = sprig::parse_private_key(pieces[3]);
  REQUIRE(key.has_value());
  CHECK(X509_check_private_key(certificate.get(), key->get()) == 1);
  CHECK(pieces[3].starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
}

TEST_CASE("the caller's key is used, of whatever kind") {
  for (const char* kind : {"ecdsa", "ed25519"}) {
    CAPTURE(kind);
    const std::string text =
        render_sprig(std::string("{{$k := sprig_genPrivateKey \"") + kind +
                     "\"}}{{$c := sprig_genSelfSignedCertWithKey \"s\" nil (sprig_list \"x\") 1 $k}}"
                     "{{$c.Cert}}|{{$c.Key}}|{{eq $c.Key $k}}|");
    const auto pieces = pieces_of(text);
    REQUIRE(pieces.size() == 3);
    const auto certificate = parsed(pieces[0]);
    CHECK(pieces[2] == "true");
    CHECK(X509_verify(certificate.get(), X509_get0_pubkey(certificate.get())) == 1);
  }
}

TEST_CASE("days beyond reason are refused") {
  const std::string key = "{{$k := sprig_genPrivateKey \"ed25519\"}}";
  CHECK(mentions(render_sprig(key + "{{sprig_genCAWithKey \"x\" 99999999 $k}}"), "cannot represent time"));
  CHECK(mentions(render_sprig(key + "{{(sprig_genCAWithKey \"x\" -1 $k).Cert}}"), "BEGIN CERTIFICATE"));
}

}  // namespace
}  // namespace longshore::tmpl::testing
