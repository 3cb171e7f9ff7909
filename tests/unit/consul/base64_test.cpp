#include <doctest/doctest.h>

#include "common/consul/codec.h"
#include "common/policy/random.h"

namespace longshore::consul {

TEST_CASE("the vectors of RFC 4648") {
  const std::pair<std::string, std::string> table[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"},
                                                       {std::string("\0\xff\xfe", 3), "AP/+"}};
  for (const auto& [plain, encoded] : table) {
    CAPTURE(encoded);
    CHECK(encode_base64(plain) == encoded);
    CHECK(decode_base64(encoded).value() == plain);
  }
}

TEST_CASE("what is no base64 says where") {
  const std::pair<const char*, const char*> table[] = {
      {"%%%%", "illegal base64 data at input byte 0"},     {"Zm9", "illegal base64 data at input byte 0"},
      {"Zm9v====", "illegal base64 data at input byte 4"}, {"Zm=v", "illegal base64 data at input byte 2"},
      {"Zm9v Zg=", "illegal base64 data at input byte 4"}, {"=AAA", "illegal base64 data at input byte 0"}};
  for (const auto& [text, reason] : table) {
    CAPTURE(text);
    const auto result = decode_base64(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().text == reason);
  }
}

TEST_CASE("any bytes come back") {
  policy::Random random(7);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random.next() % 70, '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    CHECK(decode_base64(encode_base64(bytes)).value() == bytes);
  }
}

}  // namespace longshore::consul
