// What a configuration file says, as a tree: items with keys and values, each with its place. HCL and JSON give the
// same tree. Built once by the reader, then only read.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace longshore::hcl {

struct Position {
  std::uint32_t line = 0;    // from 1; 0 = no place in a file
  std::uint32_t column = 0;  // from 1, in characters
  bool operator==(const Position&) const = default;
};

struct Item;

enum class Kind {
  null,  // JSON only
  boolean,
  integer,
  floating,
  string,
  list,
  object,
};

struct Value {
  Kind kind = Kind::null;
  Position position;  // of the first character; of the opening brace or bracket
  bool boolean = false;
  std::int64_t integer = 0;
  double floating = 0;
  std::string text;             // of a string after escapes; of a number as it is written ("0600")
  std::vector<Value> elements;  // of a list
  std::vector<Item> items;      // of an object, in the order of the file; names may repeat
  bool operator==(const Value&) const;
};

struct Key {
  std::string text;
  Position position;
  bool operator==(const Key&) const = default;
};

// `name = value`, `name { .. }` or `name "label" { .. }`.
struct Item {
  std::vector<Key> keys;  // at least one: the name, then labels
  Value value;
  bool operator==(const Item&) const = default;
};

inline bool Value::operator==(const Value&) const = default;

struct Document {
  std::string file;  // as the user knows it; stands in every error
  Value root;        // an object
};

}  // namespace longshore::hcl
