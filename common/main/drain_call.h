// What the verbs that take something out of the load balancers have in common: options, Consul, and how they tell how
// far they are.
#pragma once
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "common/cli/parsed.h"
#include "common/drain/drainer.h"
#include "common/json/json.h"
#include "common/main/invocation.h"

namespace longshore::app {

// -timeout, -drain-time, -reason, -env, -json and Consul's. `timeout`: what -timeout is without a word.
cli::OptionTable drain_options(const std::string& timeout);
drain::Limits limits_of(const cli::Parsed& parsed);
// "longshore/" or "longshore/E/".
std::string kv_prefix_of(const cli::Parsed& parsed);
// "user@host", for the records.
std::string asker(const cli::Environment& environment);

// One line per step on stdout: sentences, or with -json one object per line with at least `event`.
class Teller {
 public:
  explicit Teller(bool json) : json_(json) {}
  // `more`: an object, merged into the line's.
  void say(const std::string& event, const std::string& text, json::Value more = json::Value::object());
  // For Drainer::wait_until_*: what it waits for.
  drain::OnProgress progress(std::string what);
  // On stderr, or with -json as event "error".
  int complain(const std::string& text, int code);

 private:
  bool json_;
};

// What a wait has come to, as members of a line.
json::Value to_json(const drain::Outcome& outcome);
json::Value to_json(const drain::Progress& progress);
// "lb-1, lb-2", or that nobody uses it.
std::string who_settled(const drain::Outcome& outcome);

// Consul behind a verb: a client, a Drainer, and a loop for both. Errors are the caller's to show.
struct DrainCall {
  DrainCall(consul::ClientSettings settings, std::string prefix)
      : client(context.get_executor(), std::move(settings)), drainer(client, prefix), kv_prefix(std::move(prefix)) {}

  // Everything that the words mean, merged; not_found names the first word that means nothing.
  Result<drain::Subject> find_all(const std::vector<std::string>& words);

  boost::asio::io_context context;
  consul::Client client;
  drain::Drainer drainer;
  std::string kv_prefix;
};

}  // namespace longshore::app
