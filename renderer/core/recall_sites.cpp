// certificate claimedBy remark: what a template needs to serve sites by host name.
#include "common/base/text.h"
#include "common/consul/claim.h"
#include "common/tmpl/bind.h"
#include "renderer/core/certificates.h"
#include "renderer/core/query.h"
#include "renderer/core/recall.h"
#include "renderer/core/recall_layers.h"

namespace longshore::render {
namespace {

// What `certificate` returns. Without a certificate that can be used all but the remark is empty.
struct ChosenCertificate {
  std::string name;
  std::string certificate;
  std::string key;
  std::string fingerprint;
  std::string until;
  std::string remark;
};

}  // namespace
}  // namespace longshore::render

namespace longshore::tmpl {

template <>
struct GoType<render::ChosenCertificate> : RecordBinding<render::ChosenCertificate> {
  using C = render::ChosenCertificate;
  static constexpr std::string_view kName = "longshore.Certificate";
  static constexpr FieldOps kFields[] = {
      field<&C::name>("Name"),   field<&C::certificate>("Certificate"),
      field<&C::key>("Key"),     field<&C::fingerprint>("Fingerprint"),
      field<&C::until>("Until"), field<&C::remark>("Remark"),
  };
};

}  // namespace longshore::tmpl

namespace longshore::render {
namespace {

using tmpl::Args;
using tmpl::Call;
using tmpl::Value;
using Kind = Dependency::Kind;

// folder, host [, name of the certificate's file]
Result<Value> certificate(Call& call, Args args) {
  if (args.size() > 3)
    return fail(Errc::template_error,
                "certificate: wrong number of arguments, expected 2 or 3, but got " + std::to_string(args.size()));
  ChosenCertificate out;
  const Dependency on{.kind = Kind::certificates, .name = std::string(args[0].as_string())};
  const auto folder = call.host_as<RecallHost>().ask<CertificateFolder>(on);
  if (folder) {
    LS_TRY_STATUS(call.charge(1 + folder->certificates.size()));
    const std::string host = base::to_lower_ascii(args[1].as_string());
    const std::string wanted = args.size() == 3 ? base::to_lower_ascii(args[2].as_string()) : std::string();
    const CertificateChoice choice = choose_certificate(*folder, on.name, host, wanted);
    out.remark = choice.remark;
    if (const Certificate* one = choice.certificate) {
      out.name = one->name;
      out.certificate = one->certificate;
      out.key = one->key;
      out.fingerprint = one->fingerprint;
      out.until = date_of(one->until);
    }
  }
  return tmpl::view_of(std::make_shared<const ChosenCertificate>(std::move(out)));
}

// The host itself, then the wildcards above it: "a.b.c", "*.b.c", "*.c".
std::vector<std::string> claimed_forms(const std::string& host) {
  std::vector<std::string> out{host};
  for (std::size_t dot = host.find('.', host.starts_with("*.") ? 2 : 0); dot != std::string::npos;
       dot = host.find('.', dot + 1))
    out.push_back("*" + host.substr(dot));
  return out;
}

// Of one evaluation: names in Consul's KV are as people typed them.
struct ClaimIndex {
  std::shared_ptr<const TreeData> of;
  std::map<std::string, const KeyPair*> by_host;
};

const ClaimIndex& index_of(Call& call, const std::shared_ptr<const TreeData>& records) {
  auto& index = call.local<ClaimIndex>();
  if (index.of == records) return index;
  index.of = records;
  index.by_host.clear();
  if (records)
    for (const KeyPair& one : records->pairs)
      index.by_host.emplace(base::to_lower_ascii(std::string_view(one.pair.key).substr(one.key_from)), &one);
  return index;
}

// The service that has claimed the host name, "" = nobody. The configuration's word beats that of Consul's KV.
Result<Value> claimed_by(Call& call, Args args) {
  if (args.size() > 2)
    return fail(Errc::template_error,
                "claimedBy: wrong number of arguments, expected 1 or 2, but got " + std::to_string(args.size()));
  auto& host = call.host_as<RecallHost>();
  const SiteRules& sites = host.sites();
  std::string prefix = args.size() == 2 ? std::string(args[1].as_string()) : std::string();
  if (prefix.empty()) prefix = sites.claims_prefix;
  LS_TRY(on, parse_prefix(prefix));
  const ClaimIndex& index = index_of(call, host.ask<TreeData>(on));
  for (const std::string& form : claimed_forms(base::to_lower_ascii(args[0].as_string()))) {
    std::optional<std::string> stored;
    if (const auto found = index.by_host.find(form); found != index.by_host.end()) {
      stored = consul::claimant_of(found->second->pair.value);
      if (!stored) host.remark("the claim " + found->second->pair.key + " is not heeded: it names no service");
    }
    const auto own = sites.claims.find(form);
    if (own == sites.claims.end()) {
      if (stored) return Value::string(std::move(*stored));
      continue;
    }
    if (stored && *stored != own->second)
      host.remark(form + " is claimed by " + own->second + " in the configuration, which counts, and by " + *stored +
                  " in Consul's KV");
    return Value::string(own->second);
  }
  return Value::string("");
}

Result<Value> remark(Call& call, Args args) {
  call.host_as<RecallHost>().remark(args[0].as_string());
  return Value::string("");
}

}  // namespace

void add_site_functions(tmpl::FunctionTable& table) {
  using tmpl::types::kString;
  table.add("certificate", {&kString, &kString, &kString}, certificate, true);
  table.add("claimedBy", {&kString, &kString}, claimed_by, true);
  table.add("remark", {&kString}, remark);
}

}  // namespace longshore::render
