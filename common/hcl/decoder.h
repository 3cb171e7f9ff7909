// Strict typed reading of a configuration tree. The code that knows the settings asks for each key by name; what was
// never asked for is an unknown key. Nothing throws and nothing stops at the first mistake: `finish` reports them all.
//
//   Decoder root(document);
//   if (auto level = root.text("log_level")) settings.log_level = *level;
//   root.block("retry", [&](Decoder& retry) { settings.backoff = retry.duration("backoff").value_or(250ms); });
//   root.blocks("template", [&](Decoder& block) { settings.templates.push_back(read_template(block)); });
//   LS_TRY_STATUS(root.finish());
//
// Keys match without regard to case. A key that is given twice counts with its last value, lists are joined (as hcl v1
// decodes). A JSON null is as good as an absent key.
#pragma once
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/duration.h"
#include "common/base/result.h"
#include "common/hcl/node.h"

namespace longshore::hcl {

class Decoder {
 public:
  // `document` must outlive the decoder.
  explicit Decoder(const Document& document);

  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Each: nothing if the key is absent or its value is unusable (then `finish` fails).
  // A number counts as text the way it is written: perms = 0600 reads "0600".
  std::optional<std::string> text(std::string_view key);
  // true, false, or the strings that Go's ParseBool takes ("1", "t", "true", "0", ..).
  std::optional<bool> boolean(std::string_view key);
  // A whole number or a string that is one.
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                                      std::int64_t max = std::numeric_limits<std::int64_t>::max());
  std::optional<double> number(std::string_view key);
  // "1m30s"; a bare number is nanoseconds, as Go's own decoding has it.
  std::optional<base::Duration> duration(std::string_view key);
  // A list of strings, or one string that is split at commas ("" = no element).
  std::optional<std::vector<std::string>> texts(std::string_view key);
  // A block of which every key is free: tags { a = "1" }.
  std::map<std::string, std::string> text_map(std::string_view key);

  // An absent or empty text is an error.
  std::string required_text(std::string_view key);

  // For settings with several forms (wait = "5s" or wait { .. }). nullptr if absent. Marks the key as known.
  const Value* value(std::string_view key);

  using BlockReader = std::function<void(Decoder& block)>;
  // The last block of that name; blocks before it are not looked at (as consul-template does).
  bool block(std::string_view key, const BlockReader& read);
  // Every block of that name, in order: name { .. } name { .. }, or name = [{ .. }, { .. }].
  void blocks(std::string_view key, const BlockReader& read);
  // Every block with one label: name "label" { .. }, or name = { label = { .. } }.
  void labelled_blocks(std::string_view key, const std::function<void(const Key& label, Decoder& block)>& read);

  // A mistake of meaning that the caller found, at the place of that key (of the block, if the key is absent or empty).
  void error(std::string_view key, std::string_view text);

  Position position() const { return object_.position; }
  const std::string& file() const { return shared_->file; }

  // For the root only: invalid_input with all mistakes in the order of the file, joined by "; ".
  Status finish();

 private:
  struct Mistake {
    Position position;
    std::string text;
  };
  struct Shared {
    std::string file;
    std::vector<Mistake> mistakes;
  };
  Decoder(const Value& object, std::string path, std::shared_ptr<Shared> shared);

  std::vector<const Item*> find(std::string_view key);
  // The last item with that key if it is no block.
  const Value* scalar(std::string_view key);
  std::vector<const Value*> objects(std::string_view key);
  std::optional<std::string> element_text(std::string_view key, const Value& value);
  std::string path_of(std::string_view key) const;
  void mistake(Position position, std::string_view key, std::string_view text);
  void wrong_type(std::string_view key, const Value& value, std::string_view wanted);
  void check_unknown();

  const Value& object_;
  std::string path_;  // "consul.retry", empty at the root
  std::vector<std::string> known_;
  std::shared_ptr<Shared> shared_;
};

// "a string", "a list", ..: what errors call a value.
std::string_view describe(Kind kind);

}  // namespace longshore::hcl
