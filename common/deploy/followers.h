// Which load balancers have followed a switch of colours, by the records that renderers keep of themselves
// (common/drain). Pure.
#pragma once
#include <string>
#include <vector>

#include "common/consul/model.h"

namespace longshore::deploy {

// A renderer that used the old colour when the switch was made.
struct Follower {
  std::string id;
  std::uint64_t generation = 0;  // its settled one at that time
  bool operator==(const Follower&) const = default;
};

struct Following {
  std::vector<std::string> settled;
  std::vector<std::string> waiting;
  std::vector<std::string> missing;  // they do not live: perhaps their server still serves what they wrote last
  bool done() const { return waiting.empty() && missing.empty(); }
  bool operator==(const Following&) const = default;
};

// Those that use the service `old`. `records` are the pairs below `prefix` ("longshore/renderers/"). One whose record
// cannot be read, or that has not rendered all of its files yet, may use it.
std::vector<Follower> followers_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                                   const std::string& old);

// A renderer has followed when no worker of its server knows less than an answer about `fresh`, and either none knows
// `old` any more or a later generation than that of the switch has settled (its template has both colours). One that
// has ended cleanly (no record), or that uses neither, has followed.
Following following_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                       const std::vector<Follower>& followers, const std::string& old, const std::string& fresh);

// "waiting for lb-1; missing: lb-2", "" when done.
std::string to_string(const Following& following);

}  // namespace longshore::deploy
