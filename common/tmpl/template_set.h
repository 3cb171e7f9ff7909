// The parsed templates of one file: the file itself and everything it defines. Immutable; shared by evaluations.
#pragma once
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/tmpl/diagnostics.h"
#include "common/tmpl/function_table.h"

namespace longshore::tmpl {

struct Source;
struct Template;
class TemplateSet;

struct ParseOptions {
  std::string left_delimiter;   // empty = {{
  std::string right_delimiter;  // empty = }}
  std::size_t max_nesting =
      500;  // parentheses and control structures; Go has 10,000 for the former, none for the latter
  // Go finds these two only when the action runs; true reports them at load (`template "x"` with no such template).
  bool require_templates = false;
};

using ParseResult = std::expected<std::shared_ptr<const TemplateSet>, Diagnostic>;

// Unknown functions, undeclared variables and syntax errors are found here: `template: NAME:LINE: ...`.
// `name` is what errors call the template; consul-template passes "".
ParseResult parse(std::string name, std::string text, Functions functions, const ParseOptions& options = {});

class TemplateSet {
 public:
  TemplateSet(std::shared_ptr<const Source> source, Functions functions);
  ~TemplateSet();
  TemplateSet(const TemplateSet&) = delete;
  TemplateSet& operator=(const TemplateSet&) = delete;

  const std::string& name() const;  // of the file's own template
  const Source& source() const { return *source_; }
  const Template* find(std::string_view name) const;
  std::vector<std::string> names() const;  // sorted
  // The tree printed back in Go's canonical form; for tests.
  std::string unparse(std::string_view name) const;

 private:
  friend class Parser;
  std::shared_ptr<const Source> source_;
  Functions functions_;
  std::map<std::string, std::unique_ptr<const Template>, std::less<>> templates_;
};

}  // namespace longshore::tmpl
