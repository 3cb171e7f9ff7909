// A link per instance, written as a template: 'http://logs.example/{{.Host}}/{{.Container}}'. Pure.
#pragma once
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/consul/model.h"
#include "common/tmpl/template_set.h"

namespace longshore::app {

class LinkTemplate {
 public:
  // .Service .ID .Node .Address .Port .Container .Image .Revision and .Meta, all strings but .Meta (a map of them);
  // Go's own functions and consul-template's helpers. invalid_input: it does not parse.
  static Result<LinkTemplate> parse(std::string text);
  // "" when the template fails for this instance.
  std::string operator()(const consul::ServiceEntry& entry) const;

 private:
  explicit LinkTemplate(std::shared_ptr<const tmpl::TemplateSet> set) : set_(std::move(set)) {}
  std::shared_ptr<const tmpl::TemplateSet> set_;
};

}  // namespace longshore::app
