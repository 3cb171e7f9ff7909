// The functions of Registrator's tag templates: strSlice sIndex mIndex toUpper toLower replace join split splitIndex
// matchFirstElement matchAllElements httpGet jsonParse. Behaviour and order of arguments: Registrator v7, bridge.go.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "common/tmpl/eval.h"
#include "common/tmpl/function_table.h"

namespace longshore::tmpl::registrator {

// Whoever evaluates templates with these functions derives the host from this.
class HttpHost : public Host {
 public:
  // The body of the answer to a GET, "" if that failed. Nothing: not known yet; incomplete() is true from then on.
  // The text must outlive the evaluation.
  virtual std::optional<std::string_view> http_get(std::string_view url) = 0;
};

// To be merged over builtin_functions().
FunctionTable functions();

}  // namespace longshore::tmpl::registrator
