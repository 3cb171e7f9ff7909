// certificate claimedBy remark family members, as templates call them.
#include <doctest/doctest.h>

#include "renderer/core/evaluate.h"
#include "tests/unit/renderer/dialogue.h"

namespace recall_sites_test {

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using Kind = Dependency::Kind;

namespace {

Outcome run(const std::string& text, const Snapshot& snapshot, const SiteRules& sites = {}) {
  static const tmpl::Functions functions = all_functions();
  static const Environment environment;
  const auto set = tmpl::parse("t", text, functions);
  REQUIRE_MESSAGE(set, set.error().text);
  EvaluateContext context{environment, {}, {}};
  context.sites = &sites;
  return evaluate(**set, snapshot, context);
}

std::string told(const std::string& text, const Snapshot& snapshot, const SiteRules& sites = {}) {
  const Outcome outcome = run(text, snapshot, sites);
  if (outcome.kind == Outcome::Kind::failed) return outcome.errors.front().text;
  if (outcome.kind == Outcome::Kind::complete) return outcome.text;
  std::string out = "waiting:";
  for (const Dependency& on : outcome.missing) out += " " + to_string(on);
  return out;
}

void know(Snapshot& snapshot, Dependency on, RawAnswer answer) {
  Data data = make_data(on, std::move(answer), nullptr);
  snapshot.set(on, std::move(data));
}

Dependency tree(std::string prefix) {
  return {.kind = Kind::tree, .name = std::move(prefix)};
}

std::string remarks_of(const Outcome& outcome) {
  std::string out;
  for (const std::string& text : outcome.remarks.texts()) out += text + "\n";
  return out;
}

}  // namespace

TEST_CASE("claims: the configuration beats Consul's KV, wildcards stand for what is below them") {
  Snapshot snapshot;
  SiteRules sites;
  sites.claims = {{"file.example", "web"}, {"*.file.example", "wild"}, {"both.example", "web"}};
  CHECK(told("{{claimedBy \"a\"}}", snapshot, sites) == "waiting: kv.list(longshore/claims/)");
  const std::string prefix = "longshore/claims/";
  know(snapshot, tree(prefix),
       std::vector<consul::KvPair>{pair(prefix + "Stored.example", R"({"version":1,"service":"shop"})"),
                                   pair(prefix + "*.stored.example", "shop-wild"),
                                   pair(prefix + "both.example", "shop"), pair(prefix + "odd.example", "{}")});
  struct Row {
    const char* host;
    const char* owner;
    const char* remark;
  };
  const Row rows[] = {
      {"free.example", "", ""},
      {"file.example", "web", ""},
      {"a.b.file.example", "wild", ""},
      {"STORED.example", "shop", ""},
      {"a.stored.example", "shop-wild", ""},
      {"*.stored.example", "shop-wild", ""},
      {"both.example", "web",
       "both.example is claimed by web in the configuration, which counts, and by shop in Consul's KV\n"},
      {"odd.example", "", "the claim longshore/claims/odd.example is not heeded: it names no service\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.host);
    const Outcome outcome = run("{{claimedBy \"" + std::string(row.host) + "\"}}", snapshot, sites);
    CHECK(outcome.text == row.owner);
    CHECK(remarks_of(outcome) == row.remark);
  }
  sites.claims_prefix = "longshore/staging/claims/";
  CHECK(told("{{claimedBy \"stored.example\"}}", snapshot, sites) == "waiting: kv.list(longshore/staging/claims/)");
  CHECK(told("{{claimedBy \"stored.example\" \"longshore/claims/\"}}", snapshot, sites) == "shop");
}

TEST_CASE("a certificate of a folder") {
  Snapshot snapshot;
  const Dependency on{.kind = Kind::certificates, .name = "/certs"};
  const std::string ask =
      "{{with certificate \"/certs\" \"A.example\"}}{{.Certificate}} {{.Key}} {{.Fingerprint}} "
      "{{.Until}} {{.Remark}}{{end}}";
  CHECK(told(ask, snapshot) == "waiting: certificates(/certs)");
  CertificateFolder folder;
  Certificate one;
  one.name = "a.example";
  one.certificate = "/certs/a.example.crt";
  one.key = "/certs/a.example.key";
  one.hosts = {"a.example"};
  one.fingerprint = "00ff";
  one.until = std::chrono::sys_days(std::chrono::year(2027) / 2 / 1);
  folder.certificates = {one};
  know(snapshot, on, folder);
  CHECK(told(ask, snapshot) == "/certs/a.example.crt /certs/a.example.key 00ff 2027-02-01 ");
  CHECK(told("{{(certificate \"/certs\" \"b.example\").Remark}}", snapshot) ==
        "no certificate for \"b.example\" in /certs");
  CHECK(told("{{(certificate \"/certs\" \"b.example\" \"A.example\").Name}}", snapshot) == "a.example");
  CHECK(told("{{certificate \"/certs\" \"b\" \"c\" \"d\"}}", snapshot).contains("wrong number of arguments"));
}

TEST_CASE("remarks are for people: once each, in one line, bounded") {
  const Outcome outcome = run("{{remark \"b\"}}{{remark \"a\\n\\tx\"}}{{remark \"b\"}}{{remark \"\"}}.", Snapshot{});
  CHECK(outcome.text == ".");
  CHECK(remarks_of(outcome) == "a  x\nb\n");
  const Outcome many = run("{{range $i, $unused := loop 250}}{{remark (print $i)}}{{end}}", Snapshot{});
  CHECK(many.remarks.size() == 250);
  Remarks own;
  for (int i = 0; i < 250; ++i) own.add(std::to_string(i));
  CHECK(own.texts().size() == 200);
  CHECK(own.more() == 50);
  own.add(std::string(1000, 'x'));
  CHECK(own.more() == 51);
}

TEST_CASE("remarks are logged when they come and when they go") {
  Dialogue with(Dialogue::settings());
  with.begin({"{{if keyExists \"k\"}}{{remark \"odd\"}}{{end}}."});
  with.key("k", "v");
  CHECK(with.idle() == Lines{"log warn template_remark template=t0 remark=odd", "write out0: ."});
  with.wrote(0);
  with.key("k", "w");
  CHECK(with.idle() == Lines{"write out0: ."});
  with.wrote(0, FilePlan::unchanged);
  with.key("k", std::nullopt);
  CHECK(with.idle() == Lines{"log info template_remark_gone template=t0 remark=odd", "write out0: ."});
}

TEST_CASE("members of a service in colours") {
  Snapshot snapshot;
  const std::string ask =
      "{{range members \"books\"}}{{.ID}} {{.Color}} {{.Share}} {{.Weight}} {{.Status}} "
      "{{.Address}}:{{.Port}};{{end}}";
  CHECK(told(ask, snapshot) == "waiting: health.service(books) kv.list(services/)");
  know(snapshot, tree("services/"), std::vector<consul::KvPair>{});
  const auto entries = [](const char* name, const char* id) {
    return std::vector<consul::ServiceEntry>{entry("n", id, name, "10.0.0.1", 80)};
  };
  know(snapshot, service_named("books"), entries("books", "plain"));
  CHECK(told(ask, snapshot) == "plain  100 1 passing 10.0.0.1:80;");
  CHECK(told("{{family \"books-blue\"}}", snapshot) == "books-blue");
  know(snapshot, tree("services/"),
       std::vector<consul::KvPair>{pair("services/books/canary", "green=25"), pair("services/books/color", "blue")});
  CHECK(told(ask, snapshot) == "waiting: health.service(books-blue) health.service(books-green)");
  know(snapshot, service_named("books-blue"), entries("books-blue", "b"));
  know(snapshot, service_named("books-green"), entries("books-green", "g"));
  CHECK(told(ask, snapshot) ==
        "plain  0 1 passing 10.0.0.1:80;b blue 75 3 passing 10.0.0.1:80;g green 25 1 passing 10.0.0.1:80;");
  CHECK(told("{{family \"books-blue\"}}", snapshot) == "books");
  SiteRules staging;
  staging.colors_prefix = "services/staging/";
  CHECK(told("{{family \"books-blue\"}}", snapshot, staging) == "waiting: kv.list(services/staging/)");
}

TEST_CASE("services of an environment: those that have an instance of it") {
  Snapshot snapshot;
  know(snapshot, catalog(), consul::ServiceNames{{"ours", {}}, {"theirs", {}}});
  const std::string ask = "{{range services}}{{.Name}} {{end}}";
  CHECK(told(ask, snapshot) == "ours theirs ");
  SiteRules staging;
  staging.env = "staging";
  CHECK(told(ask, snapshot, staging) == "waiting: health.service(ours) health.service(theirs)");
  know(snapshot, service_named("ours"), std::vector<consul::ServiceEntry>{entry("n", "1", "ours", "10.0.0.1", 80)});
  know(snapshot, service_named("theirs"), std::vector<consul::ServiceEntry>{});
  CHECK(told(ask, snapshot, staging) == "ours ");
}

}  // namespace recall_sites_test
