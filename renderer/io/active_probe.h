// One question to one backend: connect, perhaps TLS, GET, the first line of the answer. At most 128 at a time, so each
// is a task of its own while it lasts.
#pragma once
#include <memory>

#include "common/async/executor.h"
#include "common/net/stream.h"
#include "renderer/probe/machine.h"

namespace longshore::render {

class ActiveProber {
 public:
  // Ends within order.timeout. Bytes that do not make a status line within the first 512 are an answer, but no HTTP.
  async::Awaitable<ProbeReply> ask(ProbeOrder order);

 private:
  std::shared_ptr<net::TlsContext> tls_;
};

// What the first bytes of an answer say; nothing: more are needed. Pure.
std::optional<ProbeReply> judge_answer(std::string_view bytes, ProbeSpec::Mode mode, const ProbeSpec& spec);
// The request. Pure.
std::string probe_request(const ProbeOrder& order);

}  // namespace longshore::render
