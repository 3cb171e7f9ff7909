#include "common/deploy/followers.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "common/base/text.h"
#include "common/drain/word.h"

namespace longshore::deploy {
namespace {

const consul::KvPair* record_of(const std::vector<consul::KvPair>& records, const std::string& key) {
  const auto found = std::ranges::find(records, key, &consul::KvPair::key);
  return found == records.end() ? nullptr : &*found;
}

bool has_followed(const drain::RendererWord& word, const Follower& follower, const Switch& change) {
  if (word.starting) return false;
  const auto now = word.services.find(change.fresh);
  const bool knows_fresh = now != word.services.end() && now->second.settled.index != 0;
  if (const auto said = word.colors.find(change.service); said != word.colors.end())
    return said->second == std::set{change.color} && (now == word.services.end() || knows_fresh);
  if (!word.services.contains(change.old)) return now == word.services.end() || knows_fresh;
  return knows_fresh && word.settled_generation > follower.generation;
}

}  // namespace

std::vector<Follower> followers_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                                   const Switch& change) {
  std::vector<Follower> out;
  for (const consul::KvPair& pair : records) {
    if (!pair.key.starts_with(prefix) || pair.key.size() == prefix.size()) continue;
    const Result<drain::RendererWord> word = drain::decode(pair.value);
    if (word && !word->starting && !word->services.contains(change.old) && !word->colors.contains(change.service))
      continue;
    out.push_back({pair.key.substr(prefix.size()), word ? word->settled_generation : 0});
  }
  return out;
}

Following following_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                       const std::vector<Follower>& followers, const Switch& change) {
  Following out;
  for (const Follower& follower : followers) {
    const consul::KvPair* pair = record_of(records, prefix + follower.id);
    if (pair == nullptr) continue;
    const Result<drain::RendererWord> word = drain::decode(pair->value);
    if (word && has_followed(*word, follower, change))
      out.settled.push_back(follower.id);
    else if (pair->session.empty() || !word)
      out.missing.push_back(follower.id);
    else
      out.waiting.push_back(follower.id);
  }
  return out;
}

Following first_following_of(const std::vector<consul::KvPair>& records, const std::string& prefix,
                             const Switch& change, const drain::Expected& fresh) {
  Following out;
  drain::Standing standing = drain::judge(records, prefix, fresh);
  std::set<std::string> waiting(standing.waiting.begin(), standing.waiting.end());
  std::set<std::string> missing(standing.missing.begin(), standing.missing.end());
  for (const consul::KvPair& pair : records) {
    if (!pair.key.starts_with(prefix) || pair.key.size() == prefix.size()) continue;
    ++out.renderers;
    const Result<drain::RendererWord> word = drain::decode(pair.value);
    if (!word) continue;
    const auto said = word->colors.find(change.service);
    if (said != word->colors.end() && said->second != std::set{change.color})
      (pair.session.empty() ? missing : waiting).insert(pair.key.substr(prefix.size()));
  }
  const auto open = [&](const std::string& id) { return waiting.contains(id) || missing.contains(id); };
  std::ranges::remove_copy_if(standing.settled, std::back_inserter(out.settled), open);
  std::ranges::remove_copy_if(standing.unsure, std::back_inserter(out.unsure), open);
  out.waiting.assign(waiting.begin(), waiting.end());
  out.missing.assign(missing.begin(), missing.end());
  return out;
}

std::string to_string(const Following& following) {
  std::string out;
  if (!following.waiting.empty()) out = "waiting for " + base::join(following.waiting, ", ");
  if (!following.missing.empty()) {
    if (!out.empty()) out += "; ";
    out += "missing: " + base::join(following.missing, ", ");
  }
  return out;
}

}  // namespace longshore::deploy
