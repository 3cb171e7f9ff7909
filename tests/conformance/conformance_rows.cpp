#include "tests/conformance/conformance_rows.h"

#include "common/tmpl/eval.h"
#include "tests/conformance/conformance_data.h"

namespace longshore::conformance {
namespace {

using namespace tmpl;

class FixedHost : public Host {
 public:
  std::optional<std::string> env(std::string_view name) override {
    if (name == "SET") return "set value";
    if (name == "EMPTY") return "";
    return std::nullopt;
  }
  std::chrono::system_clock::time_point now() override { return {}; }
};

// As encoding/json decodes into an interface: all numbers are float64.
Value from_json(const json::Value& document) {
  switch (document.type()) {
    case json::Value::value_t::null:
      return Value::nil();
    case json::Value::value_t::boolean:
      return Value::boolean(document.get<bool>());
    case json::Value::value_t::string:
      return Value::string(document.get<std::string>());
    case json::Value::value_t::array: {
      std::vector<Value> elements;
      for (const auto& element : document) elements.push_back(from_json(element));
      return any_list(std::move(elements));
    }
    case json::Value::value_t::object: {
      std::vector<std::pair<std::string, Value>> entries;
      for (const auto& [key, element] : document.items()) entries.emplace_back(key, from_json(element));
      return any_map(std::move(entries));
    }
    default:
      return Value::floating(document.get<double>());
  }
}

std::string string_or_empty(const json::Value& row, const char* key) {
  return row.contains(key) ? row[key].get<std::string>() : std::string();
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 0xF];
  }
  return out;
}

std::string wanted(const json::Value& row) {
  if (row.contains("error")) return "error: " + row["error"].get<std::string>();
  return row[row.contains("want_hex") ? "want_hex" : "want"].get<std::string>();
}

std::string outcome(const json::Value& row, const Functions& table) {
  ParseOptions options;
  options.left_delimiter = string_or_empty(row, "left");
  options.right_delimiter = string_or_empty(row, "right");
  const auto set = parse("t", row["template"].get<std::string>(), table, options);
  if (!set) return "error: " + set.error().text;
  const Value data = row.contains("json") ? from_json(row["json"]) : *data_set(string_or_empty(row, "data"));
  EvaluateOptions how;
  const std::string mode = string_or_empty(row, "missingkey");
  how.missing_key = mode == "zero" ? MissingKey::zero : mode == "error" ? MissingKey::error : MissingKey::invalid;
  FixedHost host;
  const Evaluation result = evaluate(**set, "t", data, host, how);
  return result.ok() ? result.text : "error: " + result.errors[0].text;
}

}  // namespace longshore::conformance
