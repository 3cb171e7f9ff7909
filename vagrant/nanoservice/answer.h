// What the demo service says to a request. Pure.
#pragma once
#include <chrono>
#include <string>

#include "vagrant/nanoservice/config.h"
#include "vagrant/nanoservice/request_reader.h"

namespace longshore::nano {

// Longest wait that /slow accepts.
inline constexpr std::chrono::milliseconds kMaxSlow{60'000};

struct Answer {
  int status = 200;
  std::string body;                    // ends with a newline
  std::chrono::milliseconds delay{0};  // from the end of the request to the answer
  bool operator==(const Answer&) const = default;
};

// GET and HEAD: "/health", "/slow?ms=N" (0..60000), every other path the identity line, so that the service can stand
// behind any SERVICE_PATH. POST: the length of the body. Other methods: 405.
Answer answer_to(const Request& request, const Config& config, const std::string& host);

// The bytes on the wire; `close` says "Connection: close". Without a body for HEAD, whose length is still told.
std::string serialize(const Answer& answer, bool head_only, bool close);

// The answer to bytes that are no request, by RequestReader::bad_status().
Answer answer_to_bad(int status);

}  // namespace longshore::nano
