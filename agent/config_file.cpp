#include "agent/config_file.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "common/base/text.h"
#include "common/hcl/config_files.h"
#include "common/hcl/decoder.h"
#include "common/hcl/reader.h"

namespace longshore::agent {
namespace {

constexpr const char* kBlock = "agent";

// As it would be typed behind the option. Nothing: a mistake, which the block knows.
std::optional<std::string> typed(hcl::Decoder& block, const std::string& key, const hcl::Value& value) {
  switch (value.kind) {
    case hcl::Kind::boolean:
      return value.boolean ? "true" : "false";
    case hcl::Kind::string:
    case hcl::Kind::integer:
    case hcl::Kind::floating:
      return value.text;
    case hcl::Kind::list:
      if (const auto items = block.texts(key)) return base::join(*items, ",");
      return std::nullopt;
    case hcl::Kind::null:
    case hcl::Kind::object:
      break;
  }
  block.error(key, "expected a value, found " + std::string(hcl::describe(value.kind)));
  return std::nullopt;
}

// An option may be written with underscores, as the keys of the other blocks are.
std::string with_underscores(std::string name) {
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

struct Found {
  std::string key;
  const hcl::Value* value = nullptr;
};

Found find(hcl::Decoder& block, const cli::Option& option) {
  Found found;
  for (const std::string& name : option.names)
    for (const std::string& key : {name, with_underscores(name)})
      if (const hcl::Value* value = block.value(key)) found = {key, value};
  return found;
}

void take_options(hcl::Decoder& block, const cli::OptionTable& known, cli::Parsed& parsed) {
  for (const cli::Option& option : known.all()) {
    const Found found = find(block, option);
    if (found.value == nullptr) continue;
    const auto text = typed(block, found.key, *found.value);
    const std::string& name = option.names.front();
    if (!text || parsed.table().find(name) == nullptr) continue;
    // The reason only: the place is the block's to tell.
    if (const Status set = parsed.set(cli::Origin::file, name, *text, found.key); !set)
      block.error(found.key, set.error().text);
  }
}

// More is no configuration; /dev/zero would never end.
Result<std::string> read_file(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{16} << 20;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::string piece(65536, '\0');
  while (file && text.size() <= kMost) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > kMost) return fail(Errc::limit, "configuration " + path + ": larger than 16 MB");
  if (!file.eof()) return fail(base::system_error("configuration " + path, errno));
  return text;
}

}  // namespace

cli::OptionTable config_option() {
  return cli::OptionTable({
      {.names = {"config"},
       .kind = cli::Kind::list,
       .value_name = "PATH",
       .help = "File, or directory of files, whose agent {} block has options of this list as keys; read at the start "
               "and at HUP.",
       .fallback_text = std::string(kDefaultFile) + ", if it is there",
       .group = "Options of longshore"},
  });
}

Status take_agent_block(const hcl::Document& document, const cli::OptionTable& known, cli::Parsed& parsed,
                        std::string& uri) {
  hcl::Decoder root(document);
  for (const hcl::Item& item : document.root.items) {
    const std::string& name = item.keys.front().text;
    // A slip of the pen would leave the agent without its settings, and without a word.
    const bool slip = item.value.kind == hcl::Kind::object && base::suggest(base::to_lower_ascii(name), {kBlock});
    if (!slip) root.value(name);
  }
  root.blocks(kBlock, [&](hcl::Decoder& block) {
    if (const auto text = block.text("uri")) uri = *text;
    take_options(block, known, parsed);
  });
  return root.finish();
}

Result<std::vector<std::string>> read_config_files(const std::vector<std::string>& paths, const cli::OptionTable& known,
                                                   const cli::Environment& environment, cli::Parsed& parsed) {
  std::vector<std::string> from = paths;
  if (from.empty()) {
    if (::access(kDefaultFile, F_OK) != 0) return std::vector<std::string>();
    // Nobody asked for it, and it may be for a renderer that runs as somebody else.
    if (::access(kDefaultFile, R_OK) != 0)
      return std::vector{std::string(kDefaultFile) + " may not be read by this user: it is not used"};
    from.emplace_back(kDefaultFile);
  }
  std::string uri;
  for (const std::string& path : from) {
    LS_TRY(files, hcl::config_files(path));
    for (const std::string& file : files) {
      LS_TRY(text, read_file(file));
      LS_TRY(document, hcl::parse(text, file));
      LS_TRY_STATUS(take_agent_block(document, known, parsed, uri));
    }
  }
  const auto address = environment.find("CONSUL_HTTP_ADDR");
  const bool said = address != environment.end() && !address->second.empty();
  if (!uri.empty() && !said && parsed.positionals.empty()) parsed.positionals = {uri};
  return std::vector<std::string>();
}

}  // namespace longshore::agent
