// Which load balancers have followed a switch of colours, by the records that renderers keep of themselves
// (common/drain). Pure.
#pragma once
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "common/drain/word.h"

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
  std::vector<std::string> missing;      // they do not live: perhaps their server still serves what they wrote last
  std::size_t renderers = 0;             // of the first colour: all that have a record, whatever they use
  std::vector<std::string> unsure = {};  // of the first colour: settled with the same set, perhaps of an earlier try
  bool done() const { return waiting.empty() && missing.empty(); }
  bool operator==(const Following&) const = default;
};

struct Switch {
  std::string service;  // without a colour
  std::string color;    // the new one
  std::string old;      // the names under which the colours are registered
  std::string fresh;
};

// Those that use the old colour, or ask which colour it is. `records` are the pairs below `prefix`
// ("longshore/renderers/"). One whose record cannot be read, or that has not rendered all of its files yet, may use it.
std::vector<Follower> followers_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                                   const Switch& change);

// A renderer has followed when no worker of its server knows less than an answer about `fresh`, and all that it has
// settled was rendered for the new colour. Where its record does not name colours (its template finds them in another
// way): when none of its workers knows `old` any more, or a later generation than that of the switch has settled. One
// that has ended cleanly (no record), or that uses neither, has followed.
Following following_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                       const std::vector<Follower>& followers, const Switch& change);

// Of the first colour, which nobody can have used before: each renderer that uses the new instances by now, or asks for
// the colour. It has followed when it has settled with the answer `fresh`, and for no other colour; it is unsure when
// that was an older answer of the same names, whose addresses may be those of an earlier try.
// A renderer that lists all services hears of a new one a moment after Consul does: it is in no list until then.
Following first_following_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                             const Switch& change, const drain::Expected& fresh);

// "waiting for lb-1; missing: lb-2", "" when done.
std::string to_string(const Following& following);

}  // namespace longshore::deploy
