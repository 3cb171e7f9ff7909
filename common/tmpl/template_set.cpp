#include "common/tmpl/template_set.h"

#include "common/tmpl/ast.h"
#include "common/tmpl/parser.h"
#include "common/tmpl/source.h"

namespace longshore::tmpl {

ParseResult parse(std::string name, std::string text, Functions functions, const ParseOptions& options) {
  auto source = std::make_shared<const Source>(std::move(name), std::move(text));
  return Parser(std::move(source), std::move(functions), options).run();
}

TemplateSet::TemplateSet(std::shared_ptr<const Source> source, Functions functions)
    : source_(std::move(source)), functions_(std::move(functions)) {}

TemplateSet::~TemplateSet() = default;

const std::string& TemplateSet::name() const {
  return source_->name;
}

const Template* TemplateSet::find(std::string_view name) const {
  const auto found = templates_.find(name);
  return found == templates_.end() ? nullptr : found->second.get();
}

std::vector<std::string> TemplateSet::names() const {
  std::vector<std::string> out;
  for (const auto& [name, tree] : templates_) out.push_back(name);
  return out;
}

std::string TemplateSet::unparse(std::string_view name) const {
  const Template* tree = find(name);
  return tree == nullptr ? std::string() : tmpl::unparse(tree->body);
}

}  // namespace longshore::tmpl
