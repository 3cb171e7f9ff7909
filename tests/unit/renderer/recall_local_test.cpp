// Functions of the mesh and of this machine. Field names, orders and error texts are consul-template's.
#include <doctest/doctest.h>

#include "renderer/core/evaluate.h"
#include "tests/unit/renderer/dialogue.h"

namespace recall_local_test {

using namespace longshore;
using namespace longshore::render;
using namespace longshore::render::test;
using Kind = Dependency::Kind;

namespace {

Outcome run(const std::string& text, const Snapshot& snapshot = {}, const std::string& sandbox = {}) {
  static const tmpl::Functions functions = all_functions();
  static const Environment environment;
  const auto set = tmpl::parse("t", text, functions);
  REQUIRE_MESSAGE(set, set.error().text);
  return evaluate(**set, snapshot, {environment, {}, {}, sandbox});
}

std::string told(const std::string& text, const Snapshot& snapshot = {}, const std::string& sandbox = {}) {
  const Outcome outcome = run(text, snapshot, sandbox);
  if (outcome.kind == Outcome::Kind::complete) return outcome.text;
  if (outcome.kind == Outcome::Kind::failed) return outcome.errors.front().text;
  std::string out = "waiting:";
  for (const Dependency& on : outcome.missing) out += " " + to_string(on);
  return out;
}

void know(Snapshot& snapshot, const Dependency& on, const char* json) {
  auto read = read_consul_json(on.kind, json);
  REQUIRE_MESSAGE(read, read.error().text);
  snapshot.set(on, make_data(on, std::move(*read), nullptr));
}

void say(Snapshot& snapshot, const Dependency& on, LocalData data) {
  snapshot.set(on, make_data(on, std::move(data), nullptr));
}

const Dependency kFile{.kind = Kind::file, .name = "/etc/motd"};
const Dependency kPlugin{.kind = Kind::plugin, .name = "show", .arguments = {"a b", "c"}};

}  // namespace

TEST_CASE("certificates of the mesh") {
  Snapshot snapshot;
  CHECK(told("{{range caRoots}}{{.ID}}{{end}}{{with caLeaf \"web\"}}{{.CertPEM}}{{end}}") ==
        "waiting: connect.caroots connect.caleaf(web)");
  know(snapshot, {.kind = Kind::ca_roots},
       R"({"ActiveRootID":"r1","Roots":[{"ID":"r1","Name":"Consul CA","RootCert":"PEM1","Active":true,)"
       R"("CreateIndex":7,"ModifyIndex":8},{"ID":"r0","RootCert":"PEM0"}]})");
  know(snapshot, {.kind = Kind::ca_leaf, .name = "web"},
       R"({"SerialNumber":"08","CertPEM":"CERT","PrivateKeyPEM":"KEY","Service":"web","ServiceURI":"spiffe://x",)"
       R"("ValidAfter":"2026-01-02T03:04:05Z","ValidBefore":"2026-01-05T03:04:05Z","CreateIndex":9,"ModifyIndex":9})");
  CHECK(told("{{range caRoots}}{{.ID}} {{.Name}} {{.RootCertPEM}} {{.Active}} {{.CreateIndex}};{{end}}", snapshot) ==
        "r1 Consul CA PEM1 true 7;r0  PEM0 false 0;");
  CHECK(told("{{with caLeaf \"web\"}}{{.CertPEM}}{{.PrivateKeyPEM}} {{.ValidBefore.Unix}} {{.ServiceURI}}{{end}}",
             snapshot) == "CERTKEY 1767582245 spiffe://x");
  CHECK(told("{{printf \"%T %T\" caRoots (caLeaf \"web\")}}", snapshot) == "[]*api.CARoot *api.LeafCert");
  CHECK(told("{{toJSON (index caRoots 1)}}", snapshot) ==
        R"({"ID":"r0","Name":"","RootCert":"PEM0","Active":false,"CreateIndex":0,"ModifyIndex":0})");
  CHECK(told("{{caLeaf}}{{caLeaf \"\"}}") == "<no value><no value>");
}

TEST_CASE("partitions, peerings, shared services: sorted, as the original copies them") {
  Snapshot snapshot;
  know(snapshot, {.kind = Kind::partitions}, R"([{"Name":"b","Description":"two"},{"Name":"a"}])");
  CHECK(told("{{range partitions}}{{.Name}}={{.Description}};{{end}}", snapshot) == "a=;b=two;");
  know(snapshot, {.kind = Kind::peerings, .partition = "p"},
       R"([{"ID":"2","Name":"z","State":"ACTIVE","Meta":{"k":"v"},"StreamStatus":{"ImportedServices":["x"],)"
       R"("LastHeartbeat":"2026-01-02T03:04:05Z"},"Remote":{"Datacenter":"dc9"}},)"
       R"({"ID":"1","Name":"a","State":"PENDING"},{"ID":"3","Name":"b","State":"ACTIVE"}])");
  CHECK(told("{{range peerings \"?partition=p\"}}{{.ID}}{{.PeeringState}} {{.Remote.Datacenter}}"
             "{{.StreamStatus.ImportedServices}}{{.StreamStatus.LastSend}} {{end}}",
             snapshot) == "3ACTIVE []<nil> 2ACTIVE dc9[x]<nil> 1PENDING []<nil> ");
  know(snapshot, {.kind = Kind::exported_services},
       R"([{"Service":"web","Partition":"p","Namespace":"n","Consumers":{"Peers":["e"]}},{"Service":"api"}])");
  CHECK(told("{{toJSON exportedServices}}", snapshot) ==
        R"([{"Service":"api","Partition":"","Namespace":"","Consumers":{"Peers":[],"Partitions":[]}},)"
        R"({"Service":"web","Partition":"","Namespace":"","Consumers":{"Peers":["e"],"Partitions":[]}}])");
  know(snapshot, {.kind = Kind::imported_services, .partition = "p"}, R"([{"Service":"s","SourcePartition":"q"}])");
  CHECK(told("{{range importedServices \"p\"}}{{.Service}} {{.SourcePartition}}{{end}}", snapshot) == "s q");
  know(snapshot, {.kind = Kind::partitions}, "null");
  CHECK(told("{{len partitions}}", snapshot) == "0");
}

TEST_CASE("what the mesh functions refuse") {
  CHECK(told("{{exportedServices \"a\" \"b\"}}")
            .ends_with("error calling exportedServices: exportedServices: wrong number of arguments, expected 0 or 1"));
  CHECK(told("{{importedServices \"\"}}")
            .ends_with("error calling importedServices: importedServices: partition name is required"));
  CHECK(told("{{peerings \"x\"}}").ends_with("error calling peerings: list.peering: invalid format: \"x\""));
  CHECK(told("{{peerings \"?a=b\"}}").find("list.peering: invalid query parameter key \"a\"") != std::string::npos);
  for (const char* text : {"{", "{}", "7"}) CHECK_FALSE(read_consul_json(Kind::partitions, text));
  CHECK_FALSE(read_consul_json(Kind::ca_leaf, "[]"));
}

TEST_CASE("connect is service by another name") {
  CHECK(told("{{range connect \"blue.web@dc1\"}}{{end}}") == "waiting: health.connect(web@dc1)");
  Dependency on{.kind = Kind::connect, .name = "web"};
  Snapshot snapshot;
  snapshot.set(on, make_data(on, std::vector{entry("n", "p", "web-proxy", "10.0.0.1", 21000)}, nullptr));
  CHECK(told("{{range connect \"web\"}}{{.Name}} {{.Address}}:{{.Port}}{{end}}", snapshot) ==
        "web-proxy 10.0.0.1:21000");
}

TEST_CASE("a file is data, its absence an error of the action that reads it") {
  Snapshot snapshot;
  CHECK(told("{{file \" /etc/motd \"}}") == "waiting: file(/etc/motd)");
  say(snapshot, kFile, {"hello\n", ""});
  CHECK(told("{{file \"/etc/motd\" | trimSpace | toUpper}}", snapshot) == "HELLO");
  CHECK(told("{{file \"\"}}", snapshot) == "");
  say(snapshot, kFile, {"", "file(/etc/motd): no such file"});
  CHECK(told("\n{{file \"/etc/motd\"}}", snapshot) ==
        "template: t:2:2: executing \"t\" at <file \"/etc/motd\">: error calling file: file(/etc/motd): no such file");
  // Another sandbox is another dependency.
  CHECK(told("{{file \"/etc/motd\"}}", snapshot, "/srv") == "waiting: file(/etc/motd)");
}

TEST_CASE("a program runs once its arguments are known") {
  Snapshot snapshot;
  const std::string text = "{{plugin \"show\" \" a b \" \"\" (key \"k\")}}";
  CHECK(told(text) == "waiting: kv.get(k)");
  consul::KvPair pair;
  pair.key = "k";
  pair.value = "c\n";
  snapshot.set(key_named("k"), make_data(key_named("k"), std::optional(pair), nullptr));
  CHECK(told(text, snapshot) == "waiting: plugin(show)");
  CHECK(*run(text, snapshot).missing.begin() == kPlugin);
  say(snapshot, kPlugin, {"said", ""});
  CHECK(told(text, snapshot) == "said");
  CHECK(told("{{plugin \"\"}}") == "");
}

TEST_CASE("what a template writes beside its file") {
  const Outcome one =
      run("a{{\"text\" | writeToFile \"/x/y\" \"u\" \"7\" \"0640\"}}b"
          "{{\"more\" | writeToFile \"/z\" \"\" \"\" \"600\" \"append,newline\"}}");
  CHECK(one.text == "ab");
  REQUIRE(one.extra_files.size() == 2);
  CHECK(one.extra_files[0] == ExtraFile{"/x/y", "text", {.mode = 0640, .user = "u", .group = "7"}, false});
  CHECK(one.extra_files[1] == ExtraFile{"/z", "more\n", {.mode = 0600}, true});
  CHECK(told("{{writeToFile \"/x\" \"\" \"\" \"9\" \"t\"}}")
            .ends_with("error calling writeToFile: strconv.ParseUint: parsing \"9\": invalid syntax"));
  // Nothing is written while something is missing.
  CHECK(run("{{key \"k\" | writeToFile \"/x\" \"\" \"\" \"600\"}}").extra_files.empty());
}

TEST_CASE("sprig, documents and merging are there") {
  CHECK(told("{{sprig_upper \"a\"}} {{toYAML (parseYAML \"a: [1]\")}} {{spew_sdump 1}}") == "A a:\n- 1 (int) 1\n");
  CHECK(
      told("{{$d := parseJSON `{\"a\":{\"x\":1},\"b\":2}`}}{{parseJSON `{\"a\":{\"x\":9,\"y\":3},\"c\":4}` | mergeMap "
           "$d | toJSON}}") == R"({"a":{"x":1,"y":3},"b":2,"c":4})");
  CHECK(told("{{$d := parseJSON `{\"a\":{\"x\":1},\"b\":2}`}}{{parseJSON `{\"a\":{\"x\":9},\"b\":5}` | "
             "mergeMapWithOverride $d | toJSON}}") == R"({"a":{"x":9},"b":5})");
}

TEST_CASE("a program runs again when other data of the template changed, and the file waits for it") {
  Dialogue with(Dialogue::settings());
  const Dependency show{.kind = Kind::plugin, .name = "show"};
  const auto answer = [&](const char* text) {
    with.tell(input::Answered{show, LocalData{text, ""}, 0});
    return with.idle();
  };
  CHECK(with.begin({"{{key \"k\"}} {{plugin \"show\"}}"}) == Lines{"watch kv.get(k)"});
  with.key("k", "1");
  CHECK(with.idle() == Lines{"watch plugin(show)"});
  CHECK(answer("one") == Lines{"write out0: 1 one"});
  with.wrote(0);
  with.key("k", "2");
  CHECK(with.idle() == Lines{"unwatch plugin(show)", "watch plugin(show)"});
  CHECK(answer("two") == Lines{"write out0: 2 two"});
  with.wrote(0);
  CHECK(with.idle().empty());
}

TEST_CASE("with once an unreadable file ends it with 14") {
  MachineSettings settings = Dialogue::settings();
  settings.once = true;
  Dialogue with(std::move(settings));
  CHECK(with.begin({"{{file \"/etc/motd\"}}"}) == Lines{"watch file(/etc/motd)"});
  with.tell(input::Answered{kFile, LocalData{"", "file(/etc/motd): no such file"}, 0});
  const Lines lines = with.idle();
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back() == "exit 14");
}

TEST_CASE("sockaddr waits for the addresses, and sees what the kernel says") {
  namespace sa = tmpl::sockaddr;
  const Dependency on{.kind = Kind::interfaces};
  CHECK(told("{{sockaddr \"GetPrivateIP\"}}{{sockaddr \"nonsense\"}}") == "waiting: interfaces");
  Snapshot snapshot;
  Interfaces known;
  const auto eth0 = std::make_shared<const sa::Interface>(
      sa::Interface{2, 1500, "eth0", "02:42:ac:11:00:02", sa::kUp | sa::kBroadcast | sa::kRunning});
  known.addresses = {{sa::parse_ip("192.0.2.7/24").value(), eth0}, {sa::parse_ip("fd00::7/64").value(), eth0}};
  snapshot.set(on, make_data(on, known, nullptr));
  CHECK(told("{{sockaddr \"GetAllInterfaces | limit 1\"}}", snapshot) ==
        "[192.0.2.7/24 {2 1500 eth0 02:42:ac:11:00:02 up|broadcast|running}]");
  CHECK(told("{{sockaddr \"GetDefaultInterfaces\"}}", snapshot).find("No default interface found") !=
        std::string::npos);
  // The original gives 1fd::/64.
  CHECK(told("{{sockaddr \"GetAllInterfaces | offset 1 | math \\\"network\\\" \\\"+0\\\" | attr \\\"string\\\"\"}}",
             snapshot) == "fd00::/64");
  known.problem = "getifaddrs: Permission denied";
  snapshot.set(on, make_data(on, known, nullptr));
  CHECK(told("{{sockaddr \"GetPrivateIP\"}}", snapshot) ==
        "template: t:1:2: executing \"t\" at <sockaddr \"GetPrivateIP\">: error calling sockaddr: unable to query "
        "interface addresses: getifaddrs: Permission denied");
}

TEST_CASE("work within sockaddr counts for the template, once for each expression") {
  const Dependency on{.kind = Kind::interfaces};
  Snapshot snapshot;
  snapshot.set(on, make_data(on, Interfaces{}, nullptr));
  const std::string deep = "{{define \\\"r\\\"}}{{template \\\"r\\\"}}{{end}}{{template \\\"r\\\"";
  const std::string told_deep = told("{{sockaddr \"1 }}" + deep + "\"}}", snapshot);
  // Of templates, or of the stack where a build needs more of it.
  CHECK_MESSAGE(told_deep.find("exceeded maximum ") != std::string::npos, told_deep);
  const std::string busy =
      "range $i := loop 100000}}{{sockaddr (printf \"len . | printf \\\"%%0900000d\\\" | len | eq %d\" $i)";
  const std::string told_busy = told("{{" + busy + "}}{{end}}", snapshot);
  CHECK_MESSAGE(told_busy.find("exceeded") != std::string::npos, told_busy);
}

}  // namespace recall_local_test
