#include "renderer/settings/decode.h"

#include <charconv>

#include "common/base/text.h"
#include "common/hcl/decoder.h"
#include "common/hcl/reader.h"
#include "renderer/core/template_spec.h"
#include "renderer/settings/merge.h"
#include "renderer/settings/signal_name.h"
#include "renderer/settings/unused_blocks.h"

namespace longshore::render::settings {
namespace {

using hcl::Decoder;

// One overload for each kind of setting.
class Reader {
 public:
  explicit Reader(std::vector<std::string>& remarks) : remarks_(remarks) {}

  template <Block B>
  void fields(Decoder& in, B& out) {
    for_each_field(out, [&](const char* name, auto& member) { read(in, name, member); });
  }

  void read(Decoder& in, const char* name, std::optional<bool>& out) { out = in.boolean(name); }
  void read(Decoder& in, const char* name, std::optional<std::string>& out) { out = in.text(name); }
  void read(Decoder& in, const char* name, std::optional<std::int64_t>& out) { out = in.integer(name); }
  void read(Decoder& in, const char* name, std::optional<base::Duration>& out) {
    out = in.duration(name);
    if (out && out->count() < 0) in.error(name, "cannot be negative");
  }
  void read(Decoder& in, const char* name, Texts& out) { out.list = in.texts(name); }
  void read(Decoder& in, const char* name, TextMap& out) { out.entries = in.text_map(name); }
  void read(Decoder& in, const char* name, std::optional<Secret>& out) {
    if (auto text = in.text(name)) out = Secret{std::move(*text)};
  }

  // A string is one line with its commas: the original splits it there and then runs the parts without a shell.
  void read(Decoder& in, const char* name, std::optional<Command>& out) {
    const hcl::Value* value = in.value(name);
    if (value == nullptr) return;
    if (value->kind == hcl::Kind::string) {
      out = Command(value->text);
    } else if (auto words = in.texts(name)) {
      out = Command(std::move(*words));
    }
  }

  void read(Decoder& in, const char* name, std::optional<Signal>& out) {
    const auto text = in.text(name);
    if (!text) return;
    const Result<int> number = text->empty() ? Result<int>(0) : parse_signal(*text);
    if (!number) return in.error(name, number.error().text);
    out = Signal{*number};
  }

  void read(Decoder& in, const char* name, std::optional<FileMode>& out) {
    const hcl::Value* value = in.value(name);
    if (value == nullptr) return;
    unsigned bits = 0;
    bool good = value->kind == hcl::Kind::integer && value->integer >= 0 && value->integer <= 07777;
    if (good) bits = static_cast<unsigned>(value->integer);
    if (value->kind == hcl::Kind::string) {
      const std::string& text = value->text;
      const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bits, 8);
      good = !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && bits <= 07777;
    }
    if (!good) return in.error(name, "expected permissions in octal such as \"0644\"");
    if (value->kind == hcl::Kind::integer && bits > 0777 && value->text.find_first_of("89") == std::string::npos)
      remark(in, *value,
             std::string(name) + " = " + value->text + " is a decimal number; permissions are written \"0" +
                 value->text + "\"");
    out = FileMode{bits};
  }

  void read(Decoder& in, const char* name, Wait& out) {
    const hcl::Value* value = in.value(name);
    if (value == nullptr) return;
    if (value->kind == hcl::Kind::string) {
      const Result<WaitWindow> window = parse_wait(value->text);
      if (!window) return in.error(name, window.error().text);
      out.min = window->min;
      out.max = window->max;
      return;
    }
    in.block(name, [&](Decoder& block) {
      // The original calls it `bool`, by mistake.
      out.enabled = block.boolean("bool");
      if (const auto enabled = block.boolean("enabled")) out.enabled = enabled;
      read(block, "min", out.min);
      read(block, "max", out.max);
    });
  }

  void read(Decoder& in, const char* name, Consul& out) {
    const hcl::Value* value = in.value(name);
    if (value != nullptr && value->kind == hcl::Kind::string) {
      remark(in, *value, "consul = \"..\" is an old form of consul { address = \"..\" }");
      out.address = value->text;
      return;
    }
    in.block(name, [&](Decoder& block) { fields(block, out); });
  }

  template <Block B>
  void read(Decoder& in, const char* name, B& out) {
    in.block(name, [&](Decoder& block) { fields(block, out); });
  }

  template <Block B>
  void read(Decoder& in, const char* name, std::vector<B>& out) {
    in.blocks(name, [&](Decoder& block) { fields(block, out.emplace_back()); });
  }

  void read(Decoder& in, const char* name, std::vector<Group>& out) {
    in.labelled_blocks(name, [&](const hcl::Key& label, Decoder& block) {
      Group& group = out.emplace_back();
      group.name = label.text;
      fields(block, group);
    });
  }

  // Top-level keys of consul-template before 0.18, which `consul {}` has replaced.
  void old_keys(Decoder& in, Consul& out) {
    const auto had = [&](const char* name, const char* now) {
      const hcl::Value* value = in.value(name);
      if (value != nullptr) remark(in, *value, std::string(name) + " is an old form of consul { " + now + " }");
      return value != nullptr;
    };
    if (had("token", "token = \"..\"")) read(in, "token", out.token);
    if (had("retry", "retry { backoff = \"..\" }")) read(in, "retry", out.retry.backoff);
    if (had("auth", "auth { .. }")) read(in, "auth", out.auth);
    if (had("ssl", "ssl { .. }")) read(in, "ssl", out.ssl);
    for (const char* name : {"dump_signal", "reap"})
      if (const hcl::Value* value = in.value(name)) remark(in, *value, std::string(name) + " is not used any more");
  }

  void remark(const Decoder& in, const hcl::Value& at, const std::string& text) {
    remarks_.push_back(place(in, at) + text);
  }

 private:
  static std::string place(const Decoder& in, const hcl::Value& at) {
    return in.file() + ":" + std::to_string(at.position.line) + ": ";
  }

  std::vector<std::string>& remarks_;
};

}  // namespace

Result<Decoded> decode(std::string_view text, std::string file) {
  LS_TRY(document, hcl::parse(text, std::move(file)));
  Decoded out;
  Reader reader(out.remarks);
  Decoder root(document);
  reader.fields(root, out.settings);
  Consul old;
  reader.old_keys(root, old);
  if (given(old)) merge_missing(out.settings.consul, old);
  for (std::string& remark : read_unused_blocks(root)) out.remarks.push_back(std::move(remark));
  LS_TRY_STATUS(root.finish());
  return out;
}

}  // namespace longshore::render::settings
