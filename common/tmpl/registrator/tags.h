// Registrator's -tags option when it is a template: parsed once, run for every container.
//
//   auto tags = TagTemplate::parse(text);                       // at start; an error ends the program, exit 2
//   auto outcome = tags->evaluate(container, answers);          // pure: answers = what is known of httpGet's URLs
//   waiting: GET outcome.unknown_urls (a failure is the answer ""), then evaluate again.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/tmpl/template_set.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::registrator {

// URL -> body, "" for a GET that failed. Registrator waits 10 s for one and takes any status.
using HttpAnswers = std::map<std::string, std::string, std::less<>>;

struct TagOutcome {
  enum class Kind {
    complete,  // `text` is the list of tags, to be split at commas like any other
    waiting,   // `unknown_urls` are to be asked first
    failed,    // `problem` says why; Registrator ends here
  };
  Kind kind = Kind::failed;
  std::string text = {};
  std::vector<std::string> unknown_urls = {};  // sorted, each once
  std::string problem = {};                    // Go's text: template: tags:1:2: executing "tags" at <.Nope>: ...
};

class TagTemplate {
 public:
  // Errc::template_error with Go's text. A text without {{ is a template like any other.
  static Result<TagTemplate> parse(std::string text);

  // `container` is made by container_value(). Bounded: 64 KiB of text, 200,000 steps (a few milliseconds).
  TagOutcome evaluate(const Value& container, const HttpAnswers& answers) const;

 private:
  explicit TagTemplate(std::shared_ptr<const TemplateSet> set) : set_(std::move(set)) {}
  std::shared_ptr<const TemplateSet> set_;
};

}  // namespace longshore::tmpl::registrator
