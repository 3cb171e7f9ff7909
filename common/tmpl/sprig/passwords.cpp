// bcrypt htpasswd derivePassword
#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>
#include <span>

#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;
using types::kUint32;

// bcrypt's own base64 of 16 random bytes.
std::string random_salt() {
  constexpr std::string_view kAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  unsigned char bytes[17] = {};
  if (RAND_bytes(bytes, 16) != 1) return {};
  std::string out;
  for (unsigned bit = 0; bit < 128; bit += 6) {
    const unsigned pair = static_cast<unsigned>(bytes[bit / 8]) << 8 | bytes[bit / 8 + 1];
    out += kAlphabet[pair >> (10 - bit % 8) & 63];
  }
  return out;
}

// Cost 10, as Go's default. Some 50 ms.
std::string hashed(const std::string& password) {
  constexpr std::size_t kMaxBytes = 72;
  if (password.size() > kMaxBytes)
    return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes";
  if (password.find('\0') != std::string::npos) return "failed to encrypt string with bcrypt: NUL byte in password";
  const std::string setting = "$2a$10$" + random_salt();
  const auto data = std::make_unique<crypt_data>();
  // crypt_rn, as AddressSanitizer has a crypt_r of its own that finds no library behind it.
  const char* result = crypt_rn(password.c_str(), setting.c_str(), data.get(), sizeof(crypt_data));
  if (result == nullptr || *result == '*') return "failed to encrypt string with bcrypt: not available";
  return result;
}

constexpr std::uint64_t kHashSteps = 500'000;  // of the evaluation's budget: 100 hashes, some 5 s

Result<Value> bcrypt(Call& call, Args args) {
  LS_TRY_STATUS(call.charge(kHashSteps));
  return Value::string(hashed(std::string(args[0].as_string())));
}

Result<Value> htpasswd(Call& call, Args args) {
  const std::string user(args[0].as_string());
  if (user.find(':') != std::string::npos) return Value::string("invalid username: " + user);
  LS_TRY_STATUS(call.charge(kHashSteps));
  return Value::string(user + ":" + hashed(std::string(args[1].as_string())));
}

// The Master Password algorithm, version 0: masterpassword.app. In a template each letter is a class of characters.
std::span<const std::string_view> templates_of(std::string_view kind) {
  static constexpr std::string_view kMaximum[] = {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"};
  static constexpr std::string_view kLong[] = {
      "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv", "CvccCvcvCvcvno",
      "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno",
      "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno", "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno",
      "CvccnoCvcvCvcc", "CvccCvcvnoCvcc", "CvccCvcvCvccno"};
  static constexpr std::string_view kMedium[] = {"CvcnoCvc", "CvcCvcno"};
  static constexpr std::string_view kShort[] = {"Cvcn"};
  static constexpr std::string_view kBasic[] = {"aaanaaan", "aannaaan", "aaannaaa"};
  static constexpr std::string_view kPin[] = {"nnnn"};
  if (kind == "maximum") return kMaximum;
  if (kind == "long") return kLong;
  if (kind == "medium") return kMedium;
  if (kind == "short") return kShort;
  if (kind == "basic") return kBasic;
  if (kind == "pin") return kPin;
  return {};
}

std::string_view characters_of(char letter) {
  switch (letter) {
    case 'V':
      return "AEIOU";
    case 'C':
      return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
      return "aeiou";
    case 'c':
      return "bcdfghjklmnpqrstvwxyz";
    case 'a':
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n':
      return "0123456789";
    case 'o':
      return "@&%?,=[]_:-+*$#!'^~;()/.";
    default:
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

std::string big_endian(std::uint64_t number) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
  return out;
}

// derivePassword COUNTER KIND PASSWORD USER SITE
Result<Value> derive_password(Call& call, Args args) {
  const auto choices = templates_of(args[1].as_string());
  if (choices.empty()) return Value::string("cannot find password template " + std::string(args[1].as_string()));
  LS_TRY_STATUS(call.charge(2 * kHashSteps));
  const std::string scope = "com.lyndir.masterpassword";
  const std::string_view password = args[2].as_string();
  const std::string user(args[3].as_string());
  const std::string site(args[4].as_string());
  const std::string salt = scope + big_endian(user.size()) + user;
  unsigned char key[64];
  constexpr std::uint64_t kMemory = 128U << 20;
  if (EVP_PBE_scrypt(password.empty() ? "" : password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), 32768, 8, 2, kMemory, key,
                     sizeof key) != 1)
    return Value::string("failed to derive password: not available");
  const std::string message = scope + big_endian(site.size()) + site + big_endian(args[0].as_uint());
  unsigned char seed[EVP_MAX_MD_SIZE] = {};
  unsigned size = 0;
  HMAC(EVP_sha256(), key, sizeof key, reinterpret_cast<const unsigned char*>(message.data()), message.size(), seed,
       &size);
  std::string out;
  for (std::size_t i = 0; const char letter : choices[seed[0] % choices.size()]) {
    const std::string_view characters = characters_of(letter);
    out += characters[seed[++i] % characters.size()];
  }
  return Value::string(std::move(out));
}

}  // namespace

void add_passwords(FunctionTable& table) {
  add(table, "bcrypt", {&kString}, bcrypt);
  add(table, "htpasswd", {&kString, &kString}, htpasswd);
  add(table, "derivePassword", {&kUint32, &kString, &kString, &kString, &kString}, derive_password);
}

}  // namespace longshore::tmpl::sprig
