#include "common/proxy/relay_machine.h"

#include <utility>

namespace longshore::proxy {

// Docker's own form of an error, so that its command line shows the text.
void RelayMachine::refuse(int status, const std::string& why, Orders& out) {
  const std::string body = "{\"message\":\"longshore docker-proxy: " + why + "\"}\n";
  out.to_client += "HTTP/1.1 " + std::to_string(status) +
                   " Refused\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\nConnection: close\r\n\r\n" + body;
  out.close = true;
}

RelayMachine::Orders RelayMachine::client_bytes(std::string_view bytes) {
  Orders out;
  waiting_ += bytes;
  forward_client(out);
  return out;
}

void RelayMachine::forward_client(Orders& out) {
  if (phase_ == Phase::tunnel) {
    out.to_server += std::exchange(waiting_, {});
    return;
  }
  if (phase_ == Phase::idle) return next_request(out);
  if (phase_ == Phase::holding || request_body_.done()) return;
  const Result<std::size_t> count = request_body_.take(waiting_);
  if (!count) {
    // The engine has seen the beginning: only hanging up tells it that there is no end.
    out.close = true;
    return;
  }
  out.to_server += waiting_.substr(0, *count);
  waiting_.erase(0, *count);
}

void RelayMachine::next_request(Orders& out) {
  const auto length = net::head_length(waiting_);
  if (!length) return refuse(431, "the head of the request is larger than 64 KiB", out);
  if (!*length) return;
  head_size_ = **length;
  Result<net::MessageHead> head = net::parse_request_head(std::string_view(waiting_).substr(0, head_size_));
  if (!head) return refuse(400, "the request cannot be understood in one way only", out);
  request_ = std::move(*head);
  request_body_ = net::BodyFraming::of_request(request_);
  if (auto call = ending_call(request_)) {
    phase_ = Phase::holding;
    holding_ = true;
    out.hold = std::move(call);
    return;
  }
  forward_request(out);
}

void RelayMachine::forward_request(Orders& out) {
  out.to_server += waiting_.substr(0, head_size_);
  waiting_.erase(0, head_size_);
  phase_ = Phase::answer_head;
  forward_client(out);
}

RelayMachine::Orders RelayMachine::held() {
  Orders out;
  if (phase_ == Phase::holding) forward_request(out);
  return out;
}

RelayMachine::Orders RelayMachine::refused(const std::string& why) {
  Orders out;
  if (phase_ != Phase::holding) return out;
  refuse(503, why, out);
  phase_ = Phase::idle;
  out.answered = std::exchange(holding_, false);
  return out;
}

RelayMachine::Orders RelayMachine::client_end() {
  Orders out;
  if (phase_ == Phase::tunnel) {
    out.to_server += std::exchange(waiting_, {});
    out.finish_server = true;
    return out;
  }
  // Nobody waits for the answer. The engine sees the same: a client that hung up.
  out.answered = std::exchange(holding_, false);
  out.close = true;
  return out;
}

RelayMachine::Orders RelayMachine::server_bytes(std::string_view bytes) {
  Orders out;
  if (phase_ == Phase::tunnel) {
    out.to_client += bytes;
    return out;
  }
  server_ += bytes;
  while (!out.close && !server_.empty()) {
    if (phase_ == Phase::answer_head) {
      if (!answer_head(out)) break;
    } else if (phase_ == Phase::answer_body) {
      if (!answer_body(out)) break;
    } else if (phase_ == Phase::tunnel) {
      out.to_client += std::exchange(server_, {});
    } else {
      // An answer that nobody asked for: what would come next belongs to nothing.
      out.close = true;
    }
  }
  return out;
}

// False: more bytes are needed.
bool RelayMachine::answer_head(Orders& out) {
  const auto length = net::head_length(server_);
  if (!length) {
    refuse(502, "the engine's answer has a head larger than 64 KiB", out);
    return false;
  }
  if (!*length) return false;
  Result<net::MessageHead> head = net::parse_response_head(std::string_view(server_).substr(0, **length));
  if (!head) {
    refuse(502, "the engine's answer cannot be understood in one way only", out);
    return false;
  }
  answer_head_ = std::move(*head);
  out.to_client += server_.substr(0, **length);
  server_.erase(0, **length);
  answer_ = net::BodyFraming::of_response(answer_head_, request_.method);
  const bool raw = answer_.until_end() && may_become_tunnel(request_);
  if (answer_head_.status == 101 || raw) {
    phase_ = Phase::tunnel;
    out.to_server += std::exchange(waiting_, {});
    return true;
  }
  if (answer_head_.status < 200) return true;  // 100 Continue: the answer is still to come
  phase_ = Phase::answer_body;
  if (answer_.done()) end_answer(out);
  return true;
}

bool RelayMachine::answer_body(Orders& out) {
  const Result<std::size_t> count = answer_.take(server_);
  if (!count) {
    out.close = true;
    return false;
  }
  out.to_client += server_.substr(0, *count);
  server_.erase(0, *count);
  if (answer_.done()) end_answer(out);
  return true;
}

void RelayMachine::end_answer(Orders& out) {
  out.answered = std::exchange(holding_, false) || out.answered;
  phase_ = Phase::idle;
  // A body that the engine did not want is still on its way: what follows it cannot be found.
  if (!request_body_.done() || !request_.keep_alive() || !answer_head_.keep_alive()) {
    out.close = true;
    return;
  }
  next_request(out);
}

RelayMachine::Orders RelayMachine::server_end() {
  Orders out;
  if (phase_ == Phase::idle) return out;
  if (phase_ == Phase::holding) return out;  // an old connection, between requests
  if (phase_ == Phase::answer_head && server_.empty()) refuse(502, "the engine hung up without an answer", out);
  out.answered = std::exchange(holding_, false);
  out.close = true;
  return out;
}

}  // namespace longshore::proxy
