#include "common/hcl/decoder.h"

#include <algorithm>
#include <tuple>

#include "common/base/text.h"
#include "common/hcl/reader.h"

namespace longshore::hcl {

Decoder::Decoder(const Document& document)
    : object_(document.root), shared_(std::make_shared<Shared>(Shared{document.file, {}})) {}

Decoder::Decoder(const Value& object, std::string path, std::shared_ptr<Shared> shared)
    : object_(object), path_(std::move(path)), shared_(std::move(shared)) {}

std::vector<const Item*> Decoder::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  std::vector<const Item*> out;
  for (const Item& item : object_.items)
    if (base::equal_ignore_case_ascii(item.keys.front().text, key) && item.value.kind != Kind::null)
      out.push_back(&item);
  return out;
}

const Value* Decoder::value(std::string_view key) {
  const auto found = find(key);
  return found.empty() ? nullptr : &found.back()->value;
}

std::vector<const Value*> Decoder::objects(std::string_view key) {
  std::vector<const Value*> out;
  for (const Item* item : find(key)) {
    if (item->keys.size() > 1) {
      mistake(item->keys[1].position, key, "this block takes no label");
    } else if (item->value.kind == Kind::object) {
      out.push_back(&item->value);
    } else if (item->value.kind == Kind::list) {
      for (const Value& element : item->value.elements) {
        if (element.kind == Kind::object)
          out.push_back(&element);
        else
          wrong_type(key, element, "a block");
      }
    } else {
      wrong_type(key, item->value, "a block");
    }
  }
  return out;
}

bool Decoder::block(std::string_view key, const BlockReader& read) {
  const auto found = objects(key);
  if (found.empty()) return false;
  Decoder inner(*found.back(), path_of(key), shared_);
  read(inner);
  inner.check_unknown();
  return true;
}

void Decoder::blocks(std::string_view key, const BlockReader& read) {
  for (const Value* object : objects(key)) {
    Decoder inner(*object, path_of(key), shared_);
    read(inner);
    inner.check_unknown();
  }
}

void Decoder::labelled_blocks(std::string_view key, const std::function<void(const Key&, Decoder&)>& read) {
  const auto read_one = [&](const Key& label, const Value& object) {
    if (object.kind != Kind::object) return wrong_type(key, object, "a block");
    Decoder inner(object, path_of(key) + " \"" + label.text + '"', shared_);
    read(label, inner);
    inner.check_unknown();
  };
  const auto read_members = [&](const Value& object) {
    if (object.kind != Kind::object) return wrong_type(key, object, "a block with a label");
    for (const Item& member : object.items) {
      if (member.keys.size() == 1 && member.value.kind == Kind::object)
        read_one(member.keys.front(), member.value);
      else if (member.keys.size() == 1 && member.value.kind == Kind::list)
        for (const Value& element : member.value.elements) read_one(member.keys.front(), element);
      else
        mistake(member.keys.front().position, key,
                "this block needs a label: " + std::string(key) + " \"name\" { .. }");
    }
  };
  for (const Item* item : find(key)) {
    if (item->keys.size() > 2)
      mistake(item->keys[2].position, key, "this block takes one label only");
    else if (item->keys.size() == 2)
      read_one(item->keys[1], item->value);
    else if (item->value.kind == Kind::list)
      for (const Value& element : item->value.elements) read_members(element);
    else
      read_members(item->value);
  }
}

std::string Decoder::path_of(std::string_view key) const {
  if (path_.empty() || key.empty()) return path_ + std::string(key);
  return path_ + '.' + std::string(key);
}

void Decoder::mistake(Position position, std::string_view key, std::string_view text) {
  shared_->mistakes.push_back({position, path_of(key) + ": " + std::string(text)});
}

void Decoder::wrong_type(std::string_view key, const Value& value, std::string_view wanted) {
  std::string text = "expected " + std::string(wanted) + ", found ";
  text += describe(value.kind);
  mistake(value.position, key, text);
}

void Decoder::error(std::string_view key, std::string_view text) {
  const auto found = find(key);
  mistake(found.empty() ? object_.position : found.back()->value.position, key, text);
}

void Decoder::check_unknown() {
  for (const Item& item : object_.items) {
    const Key& key = item.keys.front();
    const auto same = [&key](const std::string& known) { return base::equal_ignore_case_ascii(known, key.text); };
    if (std::ranges::any_of(known_, same)) continue;
    std::string text = "unknown key";
    if (const auto meant = base::suggest(base::to_lower_ascii(key.text), known_))
      text += ", did you mean \"" + *meant + "\"?";
    mistake(key.position, key.text, text);
  }
}

Status Decoder::finish() {
  check_unknown();
  auto& mistakes = shared_->mistakes;
  if (mistakes.empty()) return {};
  std::ranges::stable_sort(
      mistakes, {}, [](const Mistake& mistake) { return std::tuple(mistake.position.line, mistake.position.column); });
  std::string text;
  for (const Mistake& each : mistakes) {
    if (!text.empty()) text += "; ";
    text += located(shared_->file, each.position, each.text);
  }
  return fail(Errc::invalid_input, std::move(text));
}

}  // namespace longshore::hcl
