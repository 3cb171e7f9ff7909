// encryptAES decryptAES: AES-256-CBC, the password itself as key, IV in front, base64 around.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "common/tmpl/base64.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;

constexpr std::size_t kBlock = 16;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// Whole blocks in, the same number out.
std::string run_cipher(std::string_view password, std::string_view iv, std::string_view data, bool encrypt) {
  std::array<unsigned char, 32> key{};
  for (std::size_t i = 0; i < key.size() && i < password.size(); ++i) key[i] = static_cast<unsigned char>(password[i]);
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), bytes(iv), encrypt ? 1 : 0);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  std::string out(data.size() + kBlock, '\0');
  int size = 0;
  EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(data),
                   static_cast<int>(data.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<Value> encrypt_aes(Call& call, Args args) {
  std::string content(args[1].as_string());
  if (content.empty()) return Value::string("");
  LS_TRY_STATUS(call.check_size(content.size() * 2));
  const std::size_t padding = kBlock - content.size() % kBlock;
  content.append(padding, static_cast<char>(padding));
  std::string iv(kBlock, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(iv.data()), kBlock) != 1) return bad("no random numbers");
  return Value::string(base64_encode(iv + run_cipher(args[0].as_string(), iv, content, true)));
}

Result<Value> decrypt_aes(Call&, Args args) {
  if (args[1].size() == 0) return Value::string("");
  LS_TRY(bytes, base64_decode(args[1].as_string()));
  const std::string_view whole = bytes;
  if (whole.size() < kBlock)
    return bad("runtime error: slice bounds out of range [:16] with capacity " +
               std::to_string(args[1].size() / 4 * 3));
  if (whole.size() % kBlock != 0) return bad("crypto/cipher: input not full blocks");
  if (whole.size() == kBlock) return bad("runtime error: index out of range [-1]");
  std::string text = run_cipher(args[0].as_string(), whole.substr(0, kBlock), whole.substr(kBlock), false);
  const auto padding = static_cast<unsigned char>(text.back());
  if (padding > text.size())
    return bad("runtime error: slice bounds out of range [:" +
               std::to_string(static_cast<std::int64_t>(text.size()) - padding) + "]");
  text.resize(text.size() - padding);
  return Value::string(std::move(text));
}

}  // namespace

void add_ciphers(FunctionTable& table) {
  add(table, "encryptAES", {&kString, &kString}, encrypt_aes);
  add(table, "decryptAES", {&kString, &kString}, decrypt_aes);
}

}  // namespace longshore::tmpl::sprig
