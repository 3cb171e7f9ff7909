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
#include "common/tmpl/data/yaml_strict.h"
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
  bool flow = false;  // in brackets or braces
  std::size_t at = 0;
  YAML::anchor_t anchor = 0;
  std::vector<Value> elements;
  std::vector<MapEntry> entries;
  Node key;
  bool has_key = false;
  std::size_t key_at = 0;
  std::uint64_t steps = 1;
};

void refuse(std::optional<std::string> mistake) {
  if (mistake) throw Failure{std::move(*mistake)};
}

std::size_t position(const YAML::Mark& mark) {
  return static_cast<std::size_t>(std::max(mark.pos, 0));
}

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    refuse(bad_anchor(text_, position(mark), name));
    last_name_ = name;
  }
  void OnAlias(const YAML::Mark&, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, false, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, true, style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override;

  // The value, or what was found while it was put together: yaml.v2 does that after the whole text has been parsed.
  Result<Value> take() {
    if (!mistake_.empty()) return base::fail(Errc::template_error, mistake_);
    return root_.valid() ? std::move(root_) : Value::nil();
  }
  bool complete() const { return open_.empty() && root_.valid(); }
  // Of a root that is a block sequence.
  std::optional<std::size_t> sequence_column() const { return sequence_column_; }
  // What is open where the text ends or goes wrong.
  const Frame* innermost() const { return open_.empty() ? nullptr : &open_.back(); }

 private:
  void check_place(const YAML::Mark& mark, const std::string& tag);
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool is_map, bool flow);
  void add(Node node, YAML::anchor_t anchor = 0);
  void merge(Frame& frame, const Value& value);
  void later(std::string mistake) {
    if (mistake_.empty()) mistake_ = std::move(mistake);
  }
  void count(std::uint64_t steps, bool by_alias);

  std::string_view text_;
  std::optional<std::size_t> sequence_column_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::map<YAML::anchor_t, std::string> names_;  // of anchors whose value is not complete
  std::string last_name_;
  std::string mistake_;
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

// Every node comes by here: keys note where they are, and what is not in brackets must not be indented by tabs.
void Builder::check_place(const YAML::Mark& mark, const std::string& tag) {
  refuse(bad_tag(text_, position(mark), tag));
  refuse(bad_quotes(text_, position(mark)));
  if (open_.empty() || !open_.back().flow) refuse(bad_indentation(text_, position(mark)));
  if (!open_.empty() && open_.back().is_map && !open_.back().has_key) open_.back().key_at = position(mark);
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const std::size_t at = position(mark);
  if (open_.empty() && at < text_.size() && text_[at] == ',')
    throw Failure{numbered(line_at(text_, at), "did not find expected node content")};
  if (!open_.empty()) {
    Frame& frame = open_.back();
    const auto wrong = [&](const char* words) { throw Failure{numbered(line_at(text_, at), words)}; };
    // Nothing is there, instead of a ~ or the word; after a question mark it may be.
    const char here = at < text_.size() ? text_[at] : '\0';
    const bool written = here != '\0' && std::string_view(":,]}").find(here) == std::string_view::npos;
    if (frame.flow && !frame.is_map && here == ',') wrong("did not find expected node content");
    if (frame.is_map && !frame.has_key && !written && character_before(text_, at) != '?')
      wrong(frame.flow ? "did not find expected node content" : "did not find expected key");
    if (frame.is_map && !frame.flow && frame.has_key && at == frame.key_at) refuse(bad_lone_key(text_, at));
    if (frame.is_map && !frame.has_key) frame.key_at = at;
  }
  add({Value::nil()}, anchor);
}

void Builder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, bool is_map, bool flow) {
  check_place(mark, tag);
  if (open_.empty() && !is_map && !flow) sequence_column_ = column_at(text_, position(mark));
  if (anchor != 0) names_[anchor] = last_name_;
  Frame frame;
  frame.is_map = is_map;
  frame.flow = flow;
  frame.at = position(mark);
  frame.anchor = anchor;
  count(1, false);
  open_.push_back(std::move(frame));
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) {
  check_place(mark, tag);
  count(1, false);
  Node node;
  if (tag == "!") {
    node.value = Value::string(text);
  } else if (tag == "?" || tag.empty()) {
    node.value = resolve(text).value;
    node.merge_mark = text == "<<";
  } else {
    auto value = resolve_as(tag, text);
    if (!value) later(value.error().text);
    node.value = value ? std::move(*value) : Value::nil();
    node.merge_mark = text == "<<" && tag == "tag:yaml.org,2002:merge";
  }
  add(std::move(node), anchor);
}

void Builder::OnAlias(const YAML::Mark&, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  count(1, false);
  if (found == anchors_.end()) {
    later("yaml: anchor '" + names_[anchor] + "' value contains itself");
    return add({Value::nil()});
  }
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
  if (value.kind() != Kind::list) return later(kWrong);
  for (std::size_t left = value.size(); left > 0; --left) {
    const Value each = value.at(left - 1);
    if (each.kind() != Kind::map) return later(kWrong);
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
      later("yaml: invalid map key: " + shown.text);
      node.value = Value::nil();
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

// Stops where a second document begins.
class NextDocument : public YAML::EventHandler {
 public:
  struct Found {
    std::size_t at;
  };
  void OnDocumentStart(const YAML::Mark& mark) override { throw Found{position(mark)}; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// A bracket that closes nothing, or something else.
std::string wrong_bracket(const Frame* inside, std::string_view text, std::size_t at) {
  const std::size_t line = line_at(text, at);
  if (inside == nullptr) return numbered(line, "did not find expected node content");
  if (!inside->flow)
    return numbered(line, inside->is_map ? "did not find expected key" : "did not find expected '-' indicator");
  if (std::string_view("[{,:").find(character_before(text, at)) != std::string_view::npos)
    return numbered(line, "did not find expected node content");
  return numbered(line, inside->is_map ? "did not find expected ',' or '}'" : "did not find expected ',' or ']'");
}

// libyaml's words for yaml-cpp's, where both find the same mistake, with yaml.v2's way of counting lines.
std::string go_error(const YAML::Exception& exception, std::string_view text, const Builder& builder) {
  const auto line = static_cast<std::size_t>(exception.mark.line);
  const std::string_view message = exception.msg;
  struct Words {
    std::string_view ours;
    std::string_view go;
  };
  constexpr Words kScanner[] = {{"illegal map value", "mapping values are not allowed in this context"},
                                {"illegal block entry", "block sequence entries are not allowed in this context"},
                                {"unknown token", "found character that cannot start any token"},
                                {"unknown escape character", "found unknown escape character"},
                                {"illegal EOF in scalar", "found unexpected end of stream"},
                                {"unexpected character in block scalar", "did not find expected comment or line break"},
                                {"illegal tab when looking", "found a tab character that violates indentation"},
                                {"alias not found after *", "did not find expected alphabetic or numeric character"},
                                {"anchor not found after &", "did not find expected alphabetic or numeric character"}};
  const std::size_t at = position(exception.mark);
  const Frame* const inside = builder.innermost();
  if (message == "illegal map value" && inside != nullptr && inside->is_map && !inside->flow &&
      key_goes_on(text, at, inside->at))
    return numbered(line + 1, "could not find expected ':'");
  for (const Words& words : kScanner)
    if (message.starts_with(words.ours)) return numbered(line == 0 ? 0 : line + 1, words.go);
  if (message == "end of map not found") return no_key(text, at, column_at(text, inside == nullptr ? 0 : inside->at));
  if (message == "end of sequence not found") return numbered(line, "did not find expected '-' indicator");
  if (message == "illegal flow end") return wrong_bracket(inside, text, at);
  // Where something else stands, or at the end of the text.
  const bool at_end = at > text.find_last_not_of(" \t\r\n");
  const std::size_t lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0U : 1U);
  const std::size_t missing = at_end ? lines : line;
  if (message == "end of sequence flow not found") return numbered(missing, "did not find expected ',' or ']'");
  if (message == "end of map flow not found") return numbered(missing, "did not find expected ',' or '}'");
  if (message.starts_with("the referenced anchor is not defined")) {
    std::string_view name = text.substr(std::min(at, text.size()));
    if (name.starts_with('*')) name.remove_prefix(1);
    return "yaml: unknown anchor '" + std::string(name.substr(0, name.find_first_of(" \t\n\r,[]{}"))) + "' referenced";
  }
  return numbered(line + 1, message);
}

}  // namespace

Result<Value> read(std::string_view text) {
  const auto failed = [](std::string message) { return base::fail(Errc::template_error, std::move(message)); };
  if (!base::valid_utf8(text)) return failed("yaml: invalid leading UTF-8 octet");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // yaml-cpp's positions do not count it
  if (has_control_characters(text)) return failed("yaml: control characters are not allowed");
  text = without_last_indentation(text);
  if (auto mistake = bad_directives(text)) return failed(std::move(*mistake));
  Builder builder(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Value::nil();
    // yaml-cpp ends a sequence without complaint where something else begins in its column.
    NextDocument next;
    if (builder.sequence_column()) parser.HandleNextDocument(next);
    return builder.take();
  } catch (const YAML::Exception& exception) {
    // A bracket behind the whole: libyaml does not look at it.
    if (exception.msg == "illegal flow end" && builder.complete() && !builder.sequence_column()) return builder.take();
    return failed(go_error(exception, text, builder));
  } catch (const Failure& failure) {
    return failed(failure.text);
  } catch (const NextDocument::Found& rest) {
    if (auto mistake = bad_rest(text, rest.at, *builder.sequence_column())) return failed(std::move(*mistake));
    return builder.take();
  }
}

}  // namespace longshore::tmpl::yaml
