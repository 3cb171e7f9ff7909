#include "common/tmpl/data/yaml_read.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "common/base/text.h"
#include "common/tmpl/data/yaml_resolve.h"
#include "common/tmpl/data/yaml_scalar.h"
#include "common/tmpl/format.h"

namespace longshore::tmpl::yaml {
namespace {

// Thrown through yaml-cpp and caught by `read`.
struct Failure {
  std::string text;
};

// A value, and how many steps yaml.v2 would need to decode it with all its aliases written out.
struct Node {
  Value value;
  std::uint64_t steps = 1;
  bool merge_mark = false;  // a plain <<
};

struct Frame {
  bool is_map = false;
  YAML::anchor_t anchor = 0;
  std::vector<Value> elements;
  std::vector<MapEntry> entries;
  Node key;
  bool has_key = false;
  std::uint64_t steps = 1;
};

class Builder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add({Value::nil()}, anchor); }
  void OnAnchor(const YAML::Mark&, const std::string& name) override { last_name_ = name; }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override;
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(false, anchor);
  }
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(true, anchor);
  }
  void OnMapEnd() override;

  Value take() { return root_.valid() ? std::move(root_) : Value::nil(); }

 private:
  void open(bool is_map, YAML::anchor_t anchor);
  void add(Node node, YAML::anchor_t anchor = 0);
  static void merge(Frame& frame, const Value& value);
  void count(std::uint64_t steps, bool by_alias);

  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::map<YAML::anchor_t, std::string> names_;  // of anchors whose value is not complete
  std::string last_name_;
  Value root_;
  std::uint64_t decoded_ = 0;
  std::uint64_t from_aliases_ = 0;
};

// yaml.v2 refuses documents that consist of aliases for the most part: 99% up to 400,000 steps, 10% from 4,000,000.
void Builder::count(std::uint64_t steps, bool by_alias) {
  decoded_ += steps;
  if (by_alias) from_aliases_ += steps;
  constexpr double kLow = 400'000;
  constexpr double kHigh = 4'000'000;
  const auto total = static_cast<double>(decoded_);
  const double allowed = total <= kLow ? 0.99 : total >= kHigh ? 0.10 : 0.99 - 0.89 * ((total - kLow) / (kHigh - kLow));
  if (from_aliases_ > 100 && decoded_ > 1000 && static_cast<double>(from_aliases_) / total > allowed)
    throw Failure{"yaml: document contains excessive aliasing"};
}

void Builder::open(bool is_map, YAML::anchor_t anchor) {
  if (anchor != 0) names_[anchor] = last_name_;
  Frame frame;
  frame.is_map = is_map;
  frame.anchor = anchor;
  count(1, false);
  open_.push_back(std::move(frame));
}

void Builder::OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t anchor, const std::string& text) {
  count(1, false);
  Node node;
  if (tag == "!") {
    node.value = Value::string(text);
  } else if (tag == "?" || tag.empty()) {
    node.value = resolve(text).value;
    node.merge_mark = text == "<<";
  } else {
    auto value = resolve_as(tag, text);
    if (!value) throw Failure{value.error().text};
    node.value = std::move(*value);
    node.merge_mark = text == "<<" && tag == "tag:yaml.org,2002:merge";
  }
  add(std::move(node), anchor);
}

void Builder::OnAlias(const YAML::Mark&, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw Failure{"yaml: anchor '" + names_[anchor] + "' value contains itself"};
  count(1, false);
  count(found->second.steps, true);
  Node node = found->second;
  node.merge_mark = false;
  add(std::move(node));
}

void Builder::OnSequenceEnd() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  add({any_list(std::move(frame.elements)), frame.steps}, frame.anchor);
}

void Builder::OnMapEnd() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  add({Value::map(kMapOfAny, std::move(frame.entries)), frame.steps}, frame.anchor);
}

// The entries of a map, or of several maps where the first one wins.
void Builder::merge(Frame& frame, const Value& value) {
  constexpr const char* kWrong = "yaml: map merge requires map or sequence of maps as the value";
  if (value.kind() == Kind::map) {
    for (auto& entry : value.entries()) frame.entries.push_back(std::move(entry));
    return;
  }
  if (value.kind() != Kind::list) throw Failure{kWrong};
  for (std::size_t left = value.size(); left > 0; --left) {
    const Value each = value.at(left - 1);
    if (each.kind() != Kind::map) throw Failure{kWrong};
    merge(frame, each);
  }
}

void Builder::add(Node node, YAML::anchor_t anchor) {
  if (anchor != 0) anchors_[anchor] = node;
  if (open_.empty()) {
    root_ = std::move(node.value);
    return;
  }
  Frame& frame = open_.back();
  frame.steps += node.steps;
  if (!frame.is_map) {
    frame.elements.push_back(std::move(node.value));
    return;
  }
  if (!frame.has_key) {
    if (!node.merge_mark && (node.value.kind() == Kind::map || node.value.kind() == Kind::list)) {
      BoundedText shown(1000);
      printf(shown, "%#v", std::span(&node.value, 1));
      throw Failure{"yaml: invalid map key: " + shown.text};
    }
    frame.key = std::move(node);
    frame.has_key = true;
    return;
  }
  frame.has_key = false;
  if (frame.key.merge_mark)
    merge(frame, node.value);
  else
    frame.entries.emplace_back(frame.key.value, std::move(node.value));
}

std::string numbered(std::size_t line, std::string_view text) {
  return "yaml: " + (line == 0 ? "" : "line " + std::to_string(line) + ": ") + std::string(text);
}

// libyaml's words for yaml-cpp's, where both find the same mistake, with yaml.v2's way of counting lines: it leaves out
// the first one.
std::string go_error(const YAML::Exception& exception, std::string_view text) {
  const auto line = static_cast<std::size_t>(exception.mark.line);
  const std::string_view message = exception.msg;
  struct Words {
    std::string_view ours;
    std::string_view go;
  };
  constexpr Words kScanner[] = {{"illegal map value", "mapping values are not allowed in this context"},
                                {"illegal block entry", "block sequence entries are not allowed in this context"},
                                {"unknown token", "found character that cannot start any token"}};
  for (const Words& words : kScanner)
    if (message == words.ours) return numbered(line == 0 ? 0 : line + 1, words.go);
  // Found at the end of the text.
  const std::size_t lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0U : 1U);
  if (message == "end of sequence flow not found") return numbered(lines, "did not find expected ',' or ']'");
  if (message == "end of map flow not found") return numbered(lines, "did not find expected ',' or '}'");
  if (message.starts_with("the referenced anchor is not defined")) {
    std::string_view name = text.substr(std::min<std::size_t>(exception.mark.pos, text.size()));
    if (name.starts_with('*')) name.remove_prefix(1);
    return "yaml: unknown anchor '" + std::string(name.substr(0, name.find_first_of(" \t\n\r,[]{}"))) + "' referenced";
  }
  return numbered(line + 1, message);
}

// libyaml reads characters that can be printed, and white space.
bool has_control_characters(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at += width_at(text, at)) {
    const bool space = text[at] == '\t' || text[at] == '\r' || text.substr(at).starts_with("\xC2\x85");
    const bool mark = at == 0 && text.starts_with("\xEF\xBB\xBF");
    if (!space && !mark && !is_printable_at(text, at)) return true;
  }
  return false;
}

}  // namespace

Result<Value> read(std::string_view text) {
  const auto failed = [](std::string message) { return base::fail(Errc::template_error, std::move(message)); };
  if (!base::valid_utf8(text)) return failed("yaml: invalid leading UTF-8 octet");
  if (has_control_characters(text)) return failed("yaml: control characters are not allowed");
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder;
    if (!parser.HandleNextDocument(builder)) return Value::nil();
    return builder.take();
  } catch (const YAML::Exception& exception) {
    return failed(go_error(exception, text));
  } catch (const Failure& failure) {
    return failed(failure.text);
  }
}

}  // namespace longshore::tmpl::yaml
