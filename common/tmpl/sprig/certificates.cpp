// genPrivateKey buildCustomCert genCA genCAWithKey genSelfSignedCert(WithKey) genSignedCert(WithKey)
#include "common/tmpl/base64.h"
#include "common/tmpl/sprig/certificate.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kInt;
using types::kListOfAny;
using types::kString;

constexpr std::uint64_t kKeySteps = 2'000'000;  // of the evaluation's budget: 25 keys, some 5 s
constexpr std::uint64_t kCurveSteps = 10'000;   // a key on a curve, or a signature by one: less than 1 ms

// A signature by a key of RSA takes as many steps as the cube of its length says.
std::uint64_t signature_steps(EVP_PKEY& key) {
  const auto thousands = static_cast<std::uint64_t>(EVP_PKEY_get_bits(&key)) / 1024;
  return kCurveSteps * (1 + thousands * thousands * thousands / 8);
}

Value certificate_value(Certificate certificate) {
  return view_of(std::make_shared<const Certificate>(std::move(certificate)));
}

Result<Value> private_key(Call& call, Args args) {
  const std::string kind(args[0].as_string());
  const bool on_curve = kind == "ecdsa" || kind == "ed25519";
  LS_TRY_STATUS(call.charge(on_curve ? kCurveSteps : 4 * kKeySteps));
  PrivateKey key;
  if (kind.empty() || kind == "rsa")
    key = make_rsa_key(4096);
  else if (kind == "dsa")
    key = make_dsa_key();
  else if (kind == "ecdsa")
    key = make_ec_key();
  else if (kind == "ed25519")
    key = make_ed25519_key();
  else
    return Value::string("Unknown type " + kind);
  return Value::string(key ? to_pem(*key) : "failed to generate private key: not available");
}

Result<Value> custom_certificate(Call&, Args args) {
  const auto cert = base64_decode(args[0].as_string());
  if (!cert) return bad("unable to decode base64 certificate");
  const auto key = base64_decode(args[1].as_string());
  if (!key) return bad("unable to decode base64 private key");
  LS_TRY_STATUS(parse_certificate(*cert, "decodedCert.Bytes"));
  if (const auto parsed = parse_private_key(*key); !parsed)
    return bad("error parsing private key: " + parsed.error().text);
  return certificate_value({*cert, *key});
}

Result<std::vector<std::string>> strings_of(Call& call, const Value& list, const char* error) {
  std::vector<std::string> out;
  LS_TRY(elements, elements_of(call, list));
  for (const Value& element : elements) {
    if (!element.is_string()) {
      LS_TRY(printed, print_plain(call, element));
      return bad(std::string(error) + printed + " is not a string");
    }
    out.emplace_back(element.as_string());
  }
  return out;
}

// NAME DAYS, or NAME IPS NAMES DAYS.
Result<CertificateRequest> request_of(Call& call, Args args, bool authority) {
  CertificateRequest out;
  out.common_name = args[0].as_string();
  out.authority = authority;
  out.from = call.host().now();
  out.days = args[authority ? 1 : 3].as_int();
  if (authority) return out;
  LS_TRY(addresses, strings_of(call, args[1], "error parsing ip: "));
  for (const std::string& address : addresses)
    if (!is_address(address)) return bad("error parsing ip: " + address);
  LS_TRY(names, strings_of(call, args[2], "error processing alternate dns name: "));
  out.addresses = std::move(addresses);
  out.names = std::move(names);
  return out;
}

// The key that the caller gives as last argument, or a new one.
Result<PrivateKey> key_for(Call& call, Args args, bool given) {
  if (given) {
    auto key = parse_private_key(args.back().as_string());
    if (!key) return bad("parsing private key: " + key.error().text);
    return std::move(*key);
  }
  LS_TRY_STATUS(call.charge(kKeySteps));
  PrivateKey key = make_rsa_key(2048);
  if (!key) return bad("error generating rsa key: not available");
  return key;
}

template <bool Authority, bool WithKey>
Result<Value> self_signed(Call& call, Args args) {
  LS_TRY(key, key_for(call, args, WithKey));
  LS_TRY(request, request_of(call, args, Authority));
  LS_TRY_STATUS(call.charge(signature_steps(*key)));
  LS_TRY(made, make_certificate(request, *key, nullptr, nullptr));
  return certificate_value(std::move(made));
}

template <bool WithKey>
Result<Value> signed_by(Call& call, Args args) {
  LS_TRY(key, key_for(call, args, WithKey));
  const auto cert = args[4].field("Cert");
  const auto issuer_text = args[4].field("Key");
  LS_TRY(issuer, parse_certificate(cert->as_string(), "decodedSignerCert.Bytes"));
  auto issuer_key = parse_private_key(issuer_text->as_string());
  if (!issuer_key) return bad("error parsing private key: " + issuer_key.error().text);
  LS_TRY(request, request_of(call, args, false));
  LS_TRY_STATUS(call.charge(signature_steps(**issuer_key)));
  LS_TRY(made, make_certificate(request, *key, issuer.get(), issuer_key->get()));
  return certificate_value(std::move(made));
}

}  // namespace

void add_certificates(FunctionTable& table) {
  const Type& certificate = GoType<Certificate>::type();
  add(table, "genPrivateKey", {&kString}, private_key);
  add(table, "buildCustomCert", {&kString, &kString}, custom_certificate);
  add(table, "genCA", {&kString, &kInt}, self_signed<true, false>);
  add(table, "genCAWithKey", {&kString, &kInt, &kString}, self_signed<true, true>);
  add(table, "genSelfSignedCert", {&kString, &kListOfAny, &kListOfAny, &kInt}, self_signed<false, false>);
  add(table, "genSelfSignedCertWithKey", {&kString, &kListOfAny, &kListOfAny, &kInt, &kString},
      self_signed<false, true>);
  add(table, "genSignedCert", {&kString, &kListOfAny, &kListOfAny, &kInt, &certificate}, signed_by<false>);
  add(table, "genSignedCertWithKey", {&kString, &kListOfAny, &kListOfAny, &kInt, &certificate, &kString},
      signed_by<true>);
}

}  // namespace longshore::tmpl::sprig
