// -tags as a template: what a container gets, and which pages it needs for that. The evaluation is pure; httpGet's
// pages are asked for by the shell, kept for a while and shared by all containers.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/core/agent_options.h"
#include "agent/core/messages.h"
#include "agent/core/service_spec.h"
#include "common/tmpl/registrator/tags.h"

namespace longshore::agent {

class TagTemplates {
 public:
  // Fetches at once, and URLs kept; a template that makes up more gets "" for the rest.
  static constexpr std::size_t kFetchesAtOnce = 4;
  static constexpr std::size_t kMostPages = 256;
  // An older answer is used still, and asked for again.
  static constexpr base::Duration kFresh = std::chrono::minutes(5);
  static constexpr base::Duration kFreshFailure = std::chrono::seconds(30);

  explicit TagTemplates(const AgentOptions& options) : options_(options) {}

  void configure(const AgentOptions& options);

  // Without a template: -tags as it is. Nothing while pages are awaited, or the inspect that shows the whole container
  // (the template is new): the container's services stay as they are.
  std::optional<ForcedTags> tags_for(const docker::Container& container, base::TimePoint now, Actions& out);
  // Containers whose tags may be others now.
  std::set<std::string> fetched(const input::Fetched& said, base::TimePoint now, Actions& out);
  void forget(const std::string& container);
  // Containers that wait for pages, with their names.
  const std::map<std::string, std::string>& waiting() const { return waiting_; }

 private:
  struct Page {
    bool asked = false;  // queued or in flight
    bool known = false;
    base::TimePoint fresh_until{};
    std::set<std::string> users;  // containers
  };
  bool ask(const std::string& url, const std::string& container, base::TimePoint now);
  void fetch(Actions& out);

  AgentOptions options_;
  std::map<std::string, Page> pages_;
  tmpl::registrator::HttpAnswers answers_;
  std::deque<std::string> queue_;
  std::size_t in_flight_ = 0;
  std::map<std::string, std::string> waiting_;
};

}  // namespace longshore::agent
