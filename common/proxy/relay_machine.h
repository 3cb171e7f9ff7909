// One client's connection and the engine's behind it: bytes in, bytes out, unchanged, and a stop before calls that end
// a container. One request at a time: what a client sends ahead waits here until the answer before it is whole. Pure;
// the shell (relay.h) reads and writes.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/net/message_framing.h"
#include "common/proxy/call.h"

namespace longshore::proxy {

class RelayMachine {
 public:
  // What to do after an input, in this order.
  struct Orders {
    std::string to_server = {};
    std::string to_client = {};
    std::optional<EndingCall> hold = {};  // answer with held() when the call may go on
    bool answered = false;                // the held call has its answer, or will never get one
    bool finish_server = false;           // no more bytes to the engine; its answer may go on
    bool close = false;                   // both
  };

  Orders client_bytes(std::string_view bytes);
  Orders client_end();
  Orders server_bytes(std::string_view bytes);
  Orders server_end();
  // The call of Orders::hold may go on.
  Orders held();
  // It may not: the client is told why (503), in Docker's form of an error.
  Orders refused(const std::string& why);

  // False: the client has sent enough ahead; read on when it is true again.
  bool reads_client() const { return waiting_.size() < kAhead; }
  // Between requests: the engine's connection may be a new one.
  bool idle() const { return phase_ == Phase::idle && !holding_; }

 private:
  // Of the exchange under way.
  enum class Phase { idle, holding, answer_head, answer_body, tunnel };
  static constexpr std::size_t kAhead = 64 * 1024;  // bytes

  void forward_request(Orders& out);
  void forward_client(Orders& out);
  void next_request(Orders& out);
  bool answer_head(Orders& out);
  bool answer_body(Orders& out);
  void end_answer(Orders& out);
  static void refuse(int status, const std::string& why, Orders& out);

  Phase phase_ = Phase::idle;
  bool holding_ = false;      // the exchange is one of a held call
  std::string waiting_;       // of the client, not passed on yet
  std::string server_;        // of the engine, not understood yet
  net::MessageHead request_;  // of the exchange
  std::size_t head_size_ = 0;
  net::BodyFraming request_body_;
  net::BodyFraming answer_;
  net::MessageHead answer_head_;
};

}  // namespace longshore::proxy
