// One check out of the metadata; only checks.cpp needs it.
#pragma once
#include <string>
#include <string_view>

#include "agent/core/checks.h"

namespace longshore::agent::detail {

class CheckBuilder {
 public:
  // number "": the unnumbered check. Notes and refusals go to `out`.
  CheckBuilder(const Metadata& metadata, const CheckTarget& target, const AgentOptions& options, std::string number,
               CheckChoice& out);

  // Adds the check to out.checks, if there is one.
  void build();

 private:
  std::string_view own(std::string_view key) const;      // of this check only
  std::string_view setting(std::string_view key) const;  // of this check, else the unnumbered one
  bool on(std::string_view key) const { return is_on(setting(key), options_.compatible); }
  void note(std::string_view key, std::string_view what);
  void duration(std::string_view key, base::Duration& into);
  void count(std::string_view key, int& into, int least, int most);
  void status();

  bool peer_family();  // false: none of Registrator's
  bool own_family();
  void http(std::string_view scheme, std::string_view path);
  void header();
  bool may_exec() const { return options_.compatible || options_.allow_exec_checks; }
  void refuse_exec(std::string_view key);
  void exec(std::vector<std::string> args, std::string_view key);
  void script(std::string_view text);
  void docker(std::string_view text);
  void grpc(std::string_view value);
  bool needs_port(std::string_view key);
  bool needs_consul(std::uint64_t minor, std::string_view key);
  void common();
  void take_id(std::string_view id);

  const Metadata& metadata_;
  const CheckTarget& target_;
  const AgentOptions& options_;
  const std::string number_;
  CheckChoice& out_;
  consul::CheckDefinition check_;
};

// host:port with brackets where needed; without a port the host alone.
std::string target_text(const CheckTarget& target);

}  // namespace longshore::agent::detail
