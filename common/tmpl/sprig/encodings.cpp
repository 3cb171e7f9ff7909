// b64enc b64dec b32enc b32dec sha1sum sha256sum sha512sum adler32sum. Decoding gives the error's text as its result.
#include <openssl/evp.h>

#include <algorithm>

#include "common/tmpl/base64.h"
#include "common/tmpl/sprig/tools.h"

namespace longshore::tmpl::sprig {
namespace {

using types::kString;

Result<Value> base64_text(Call&, Args args) {
  return Value::string(base64_encode(args[0].as_string()));
}

Result<Value> base64_bytes(Call&, Args args) {
  auto bytes = base64_decode(args[0].as_string());
  return Value::string(bytes ? std::move(*bytes) : bytes.error().text);
}

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Result<Value> base32_text(Call& call, Args args) {
  const std::string_view bytes = args[0].as_string();
  LS_TRY_STATUS(call.check_size(bytes.size() * 2));
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    const std::string_view group = bytes.substr(at, 5);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
    const std::size_t letters = (group.size() * 8 + 4) / 5;
    for (std::size_t i = 0; i < 8; ++i) out += i < letters ? kAlphabet[bits >> (35 - 5 * i) & 31] : '=';
  }
  return Value::string(std::move(out));
}

struct Base32 {
  std::string bytes;
  bool good = true;
  std::size_t bad_at = 0;  // Go's "input byte"
};

Base32 bad_base32(std::size_t at) {
  return {{}, false, at};
}

// The text has no line breaks any more.
Base32 decode_base32(std::string_view text) {
  Base32 out;
  for (std::size_t at = 0; at < text.size();) {
    std::uint64_t bits = 0;
    std::size_t letters = 0;
    bool padded = false;
    while (letters < 8 && !padded) {
      if (at == text.size()) return bad_base32(text.size() - letters);
      const char c = text[at++];
      const std::string_view rest = text.substr(at);
      if (c == '=' && letters >= 2 && rest.size() < 8) {
        if (rest.size() + letters < 7) return bad_base32(text.size());
        for (std::size_t k = 0; k < 7 - letters; ++k)
          if (k < rest.size() && rest[k] != '=') return bad_base32(at + k - 1);
        if (letters == 3 || letters == 6) return bad_base32(at - 1);
        padded = true;
        break;
      }
      const std::size_t value = kAlphabet.find(c);
      if (value == std::string_view::npos) return bad_base32(at - 1);
      bits |= static_cast<std::uint64_t>(value) << (35 - 5 * letters);
      ++letters;
    }
    for (std::size_t i = 0; i < letters * 5 / 8; ++i) out.bytes += static_cast<char>(bits >> (32 - 8 * i) & 0xFF);
    if (padded) break;
  }
  return out;
}

Result<Value> base32_bytes(Call&, Args args) {
  std::string text(args[0].as_string());
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  Base32 decoded = decode_base32(text);
  if (!decoded.good) return Value::string("illegal base32 data at input byte " + std::to_string(decoded.bad_at));
  return Value::string(std::move(decoded.bytes));
}

Result<Value> digest(const EVP_MD* algorithm, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, algorithm, nullptr) != 1) return bad("digest not available");
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 0xF];
  }
  return Value::string(std::move(out));
}

Result<Value> sha1(Call&, Args args) {
  return digest(EVP_sha1(), args[0].as_string());
}
Result<Value> sha256(Call&, Args args) {
  return digest(EVP_sha256(), args[0].as_string());
}
Result<Value> sha512(Call&, Args args) {
  return digest(EVP_sha512(), args[0].as_string());
}

Result<Value> adler32(Call&, Args args) {
  constexpr std::uint32_t kPrime = 65521;
  std::uint32_t low = 1;
  std::uint32_t high = 0;
  for (const char c : args[0].as_string()) {
    low = (low + static_cast<unsigned char>(c)) % kPrime;
    high = (high + low) % kPrime;
  }
  return Value::string(std::to_string(high << 16 | low));
}

}  // namespace

void add_encodings(FunctionTable& table) {
  add(table, "b64enc", {&kString}, base64_text);
  add(table, "b64dec", {&kString}, base64_bytes);
  add(table, "b32enc", {&kString}, base32_text);
  add(table, "b32dec", {&kString}, base32_bytes);
  add(table, "sha1sum", {&kString}, sha1);
  add(table, "sha256sum", {&kString}, sha256);
  add(table, "sha512sum", {&kString}, sha512);
  add(table, "adler32sum", {&kString}, adler32);
}

}  // namespace longshore::tmpl::sprig
