#include "agent/core/tag_templates.h"

#include "agent/core/metadata.h"
#include "common/tmpl/registrator/container.h"

namespace longshore::agent {

using tmpl::registrator::TagOutcome;

void TagTemplates::configure(const AgentOptions& options) {
  options_ = options;
  // Who waits for pages of the former template is derived anew.
  waiting_.clear();
}

std::optional<ForcedTags> TagTemplates::tags_for(const docker::Container& container, base::TimePoint now,
                                                 Actions& out) {
  if (!options_.tag_template) return ForcedTags{options_.tags, {}};
  if (container.inspect_body.empty()) return std::nullopt;
  const Result<tmpl::Value> data = tmpl::registrator::container_value(container.inspect_body);
  if (!data) return ForcedTags{{}, data.error().text};
  // A template may compute one URL out of another's answer: each round finds at least one more, or ends.
  for (;;) {
    TagOutcome outcome = options_.tag_template->evaluate(*data, answers_);
    if (outcome.kind == TagOutcome::Kind::waiting) {
      bool awaited = false;
      for (const std::string& url : outcome.unknown_urls) awaited |= ask(url, container.id, now);
      fetch(out);
      if (!awaited) continue;
      waiting_[container.id] = container.name;
      return std::nullopt;
    }
    waiting_.erase(container.id);
    // Whatever it used may have grown old.
    for (const auto& [url, page] : pages_)
      if (page.users.contains(container.id)) ask(url, container.id, now);
    fetch(out);
    if (outcome.kind == TagOutcome::Kind::failed) return ForcedTags{{}, std::move(outcome.problem)};
    return ForcedTags{split_tags(outcome.text), {}};
  }
}

// True when its answer is not there yet and will come.
bool TagTemplates::ask(const std::string& url, const std::string& container, base::TimePoint now) {
  const auto found = pages_.find(url);
  if (found == pages_.end() && pages_.size() >= kMostPages) {
    answers_.try_emplace(url, "");
    return false;
  }
  Page& page = pages_[url];
  page.users.insert(container);
  if (!page.asked && (!page.known || page.fresh_until <= now)) {
    page.asked = true;
    queue_.push_back(url);
  }
  return !page.known;
}

void TagTemplates::fetch(Actions& out) {
  while (!queue_.empty() && in_flight_ < kFetchesAtOnce) {
    ++in_flight_;
    out.push_back(action::Fetch{queue_.front()});
    queue_.pop_front();
  }
}

std::set<std::string> TagTemplates::fetched(const input::Fetched& said, base::TimePoint now, Actions& out) {
  if (in_flight_ > 0) --in_flight_;
  fetch(out);
  const auto found = pages_.find(said.url);
  if (found == pages_.end()) return {};
  Page& page = found->second;
  page.asked = false;
  page.fresh_until = now + (said.body ? kFresh : kFreshFailure);
  // What is after a question mark may be a secret.
  if (!said.body)
    out.push_back(base::LogLine{base::Level::warn,
                                "tag_page_failed",
                                {{"url", said.url.substr(0, said.url.find('?'))}, {"error", said.body.error().text}}});
  // What was read once is better than nothing.
  if (!said.body && page.known) return {};
  const std::string body = said.body.value_or("");
  const bool same = page.known && answers_[said.url] == body;
  page.known = true;
  answers_[said.url] = body;
  return same ? std::set<std::string>{} : page.users;
}

void TagTemplates::forget(const std::string& container) {
  waiting_.erase(container);
  for (auto at = pages_.begin(); at != pages_.end();) {
    at->second.users.erase(container);
    if (at->second.users.empty() && !at->second.asked) {
      answers_.erase(at->first);
      at = pages_.erase(at);
    } else {
      ++at;
    }
  }
  // Answers of pages that had no room.
  if (pages_.empty()) answers_.clear();
}

}  // namespace longshore::agent
