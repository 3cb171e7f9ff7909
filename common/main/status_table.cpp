#include "common/main/status_table.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "common/base/text.h"

namespace longshore::app {
namespace {

constexpr std::array<std::string_view, 6> kFirstColumns = {"service", "name", "id", "file", "state", "status"};
constexpr std::string_view kNothing = "-";

std::string cell(const json::Value& value) {
  if (value.is_null()) return std::string(kNothing);
  if (value.is_array() && std::all_of(value.begin(), value.end(), [](const auto& item) { return item.is_string(); })) {
    std::vector<std::string> texts;
    for (const json::Value& item : value) texts.push_back(item.get_ref<const std::string&>());
    return texts.empty() ? std::string(kNothing) : base::join(texts, ",");
  }
  std::string text = value.is_string() ? value.get_ref<const std::string&>() : json::dump(value);
  // Foreign text must not move the cursor.
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text.empty() ? std::string(kNothing) : text;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

using Row = std::vector<std::string>;

std::string lay_out(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  std::string out;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - columns_of(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::vector<std::string> column_names(const json::Value& objects) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string_view first : kFirstColumns)
    for (const json::Value& object : objects)
      if (object.contains(first)) add(std::string(first));
  for (const json::Value& object : objects)
    for (const auto& [key, value] : object.items()) add(key);
  return names;
}

std::string table(const json::Value& objects) {
  const std::vector<std::string> names = column_names(objects);
  std::vector<Row> rows = {{}};
  for (const std::string& name : names) {
    std::string title = name;
    std::transform(title.begin(), title.end(), title.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    rows.front().push_back(std::move(title));
  }
  for (const json::Value& object : objects) {
    Row row;
    for (const std::string& name : names) {
      const auto found = object.find(name);
      row.push_back(found == object.end() ? std::string(kNothing) : cell(*found));
    }
    rows.push_back(std::move(row));
  }
  return lay_out(rows);
}

bool is_table(const json::Value& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const auto& item) { return item.is_object() && !item.empty(); });
}

void walk(const json::Value& object, const std::string& prefix, std::vector<Row>& lines,
          std::vector<std::pair<std::string, const json::Value*>>& tables) {
  for (const auto& [key, value] : object.items()) {
    if (is_table(value))
      tables.emplace_back(prefix + key, &value);
    else if (value.is_object() && !value.empty())
      walk(value, prefix + key + ".", lines, tables);
    else
      lines.push_back({prefix + key + ":", cell(value)});
  }
}

}  // namespace

std::string status_text(const json::Value& status) {
  if (!status.is_object()) return "  " + cell(status) + "\n";
  std::vector<Row> lines;
  std::vector<std::pair<std::string, const json::Value*>> tables;
  walk(status, "", lines, tables);
  std::string out = lines.empty() ? std::string() : lay_out(lines);
  for (const auto& [name, objects] : tables)
    out += "\n  " + name + " (" + std::to_string(objects->size()) + ")\n" + table(*objects);
  return out;
}

}  // namespace longshore::app
