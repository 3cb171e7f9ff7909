#include "common/main/host_blocks.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "agent/config_file.h"
#include "common/base/text.h"
#include "common/hcl/config_files.h"
#include "common/hcl/decoder.h"
#include "common/hcl/reader.h"
#include "common/main/deploy_options.h"

namespace longshore::app {
namespace {

constexpr const char* kBlock = "host";

bool is_address(std::string_view text) {
  return text.starts_with("unix:///") || (text.starts_with("tcp://") && text.size() > 6);
}

}  // namespace

Status take_host_blocks(const hcl::Document& document, std::vector<HostBlock>& into) {
  hcl::Decoder root(document);
  for (const hcl::Item& item : document.root.items) {
    const std::string& name = item.keys.front().text;
    // A slip of the pen would leave an engine out without a word.
    const bool slip = item.value.kind == hcl::Kind::object && base::suggest(base::to_lower_ascii(name), {kBlock});
    if (!slip) root.value(name);
  }
  root.labelled_blocks(kBlock, [&](const hcl::Key& label, hcl::Decoder& block) {
    HostBlock one;
    one.name = label.text;
    one.address = block.required_text("address");
    one.cert_path = block.text("cert_path").value_or("");
    if (!is_service_name(one.name)) block.error("", "the name of a host has letters, digits, - and _");
    if (!one.address.empty() && !is_address(one.address))
      block.error("address", "it is unix:///path or tcp://host:port");
    const auto known = std::ranges::find(into, one.name, &HostBlock::name);
    if (known == into.end())
      into.push_back(std::move(one));
    else
      *known = std::move(one);
  });
  return root.finish();
}

Result<std::vector<HostBlock>> read_host_blocks(const std::vector<std::string>& paths) {
  std::vector<std::string> from = paths;
  // Nobody asked for that one.
  if (from.empty() && ::access(agent::kDefaultFile, R_OK) == 0) from.emplace_back(agent::kDefaultFile);
  std::vector<HostBlock> out;
  for (const std::string& path : from) {
    LS_TRY(files, hcl::config_files(path));
    for (const std::string& file : files) {
      std::ifstream stream(file, std::ios::binary);
      if (!stream) return fail(base::system_error("configuration " + file, errno));
      std::string text(std::istreambuf_iterator<char>(stream), {});
      LS_TRY(document, hcl::parse(text, file));
      LS_TRY_STATUS(take_host_blocks(document, out));
    }
  }
  return out;
}

}  // namespace longshore::app
