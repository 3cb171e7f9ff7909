// Names, IDs, groups, which ports: reference rows of Registrator's rules.
#include <doctest/doctest.h>

#include "tests/unit/agent/make.h"

using namespace longshore;
using namespace longshore::agent;
using test::brief;

namespace {

struct NameRow {
  const char* what;
  std::string_view exposed;
  std::string_view published;
  std::vector<std::string> env;
  std::map<std::string, std::string> labels;
  bool internal;
  bool explicit_names;
  bool compatible;
  std::vector<std::string> want;
};

ContainerServices spec_of(const NameRow& row) {
  docker::Container container = test::container();
  container.exposed = test::ports(row.exposed);
  container.published = test::published(row.published);
  container.env = row.env;
  container.labels = row.labels;
  AgentOptions options;
  options.internal = row.internal;
  options.explicit_names = row.explicit_names;
  options.compatible = row.compatible;
  return services_of(container, options, test::facts(), nullptr);
}

const std::vector<NameRow> kNameRows = {
    {"no port, nothing", "", "", {}, {}, false, false, false, {}},
    {"one published port: image's name",
     "80/tcp",
     "80/tcp=0.0.0.0:8080",
     {},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:8080"}},
    {"exposed only: not published", "80/tcp", "80/tcp", {}, {}, false, false, false, {}},
    {"exposed only with -internal", "80/tcp", "80/tcp", {}, {}, true, false, false, {"host:web:80 app 172.17.0.2:80"}},
    {"two published: group suffix is the container port",
     "",
     "80/tcp=0.0.0.0:8080 443/tcp=0.0.0.0:8443",
     {},
     {},
     false,
     false,
     false,
     {"host:web:80 app-80 10.0.0.5:8080", "host:web:443 app-443 10.0.0.5:8443"}},
    {"one published, one exposed: no group",
     "80/tcp 443/tcp",
     "80/tcp=0.0.0.0:8080 443/tcp",
     {},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:8080"}},
    {"the same with -internal: a group",
     "80/tcp 443/tcp",
     "80/tcp=0.0.0.0:8080 443/tcp",
     {},
     {},
     true,
     false,
     false,
     {"host:web:80 app-80 172.17.0.2:80", "host:web:443 app-443 172.17.0.2:443"}},
    {"only the first binding counts",
     "",
     "80/tcp=0.0.0.0:8080 80/tcp=0.0.0.0:8081",
     {},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:8080"}},
    {"SERVICE_NAME",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_NAME=shop"},
     {},
     false,
     false,
     false,
     {"host:web:80 shop 10.0.0.5:80"}},
    {"empty SERVICE_NAME counts as none",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_NAME="},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:80"}},
    {"SERVICE_NAME in a group gets the suffix",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {"SERVICE_NAME=shop"},
     {},
     false,
     false,
     false,
     {"host:web:80 shop-80 10.0.0.5:80", "host:web:81 shop-81 10.0.0.5:81"}},
    {"port-scoped name has no suffix",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {"SERVICE_80_NAME=shop"},
     {},
     false,
     false,
     false,
     {"host:web:80 shop 10.0.0.5:80", "host:web:81 app-81 10.0.0.5:81"}},
    {"port-scoped beats unscoped in either order",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_80_NAME=scoped", "SERVICE_NAME=plain"},
     {},
     false,
     false,
     false,
     {"host:web:80 scoped 10.0.0.5:80"}},
    {"port-scoped env beats unscoped label",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_80_NAME=scoped"},
     {{"SERVICE_NAME", "label"}},
     false,
     false,
     false,
     {"host:web:80 scoped 10.0.0.5:80"}},
    {"label beats env in the same scope",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_NAME=env"},
     {{"SERVICE_NAME", "label"}},
     false,
     false,
     false,
     {"host:web:80 label 10.0.0.5:80"}},
    {"scoped label beats scoped env",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_80_NAME=env"},
     {{"SERVICE_80_NAME", "label"}},
     false,
     false,
     false,
     {"host:web:80 label 10.0.0.5:80"}},
    {"the scope is the container's port, not the host's",
     "",
     "80/tcp=0.0.0.0:8080",
     {"SERVICE_8080_NAME=no"},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:8080"}},
    {"keys are lower-cased",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_Name=mixed"},
     {},
     false,
     false,
     false,
     {"host:web:80 mixed 10.0.0.5:80"}},
    {"the prefix is not",
     "",
     "80/tcp=0.0.0.0:80",
     {"service_NAME=no", "SERVICE_NAMES"},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:80"}},
    {"the value may have equals signs",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_NAME=a=b"},
     {},
     false,
     false,
     false,
     {"host:web:80 a=b 10.0.0.5:80"}},
    {"UDP: marked in the ID",
     "",
     "53/udp=0.0.0.0:53",
     {},
     {},
     false,
     false,
     false,
     {"host:web:53:udp app 10.0.0.5:53"}},
    {"TCP and UDP of one number share a name",
     "",
     "53/tcp=0.0.0.0:53 53/udp=0.0.0.0:53",
     {},
     {},
     false,
     false,
     false,
     {"host:web:53 app-53 10.0.0.5:53", "host:web:53:udp app-53 10.0.0.5:53"}},
    {"a scope without protocol means both",
     "",
     "53/tcp=0.0.0.0:53 53/udp=0.0.0.0:53",
     {"SERVICE_53_NAME=dns"},
     {},
     false,
     false,
     false,
     {"host:web:53 dns 10.0.0.5:53", "host:web:53:udp dns 10.0.0.5:53"}},
    {"SCTP has its own ID",
     "",
     "80/tcp=0.0.0.0:80 80/sctp=0.0.0.0:80",
     {},
     {},
     false,
     false,
     false,
     {"host:web:80 app-80 10.0.0.5:80", "host:web:80:sctp app-80 10.0.0.5:80"}},
    {"compatible: SCTP shares TCP's ID, the first has it",
     "",
     "80/tcp=0.0.0.0:80 80/sctp=0.0.0.0:80",
     {},
     {},
     false,
     false,
     true,
     {"host:web:80 app-80 10.0.0.5:80"}},
    {"SERVICE_ID replaces the whole ID, :udp too",
     "",
     "53/udp=0.0.0.0:53",
     {"SERVICE_ID=mine"},
     {},
     false,
     false,
     false,
     {"mine app 10.0.0.5:53"}},
    {"an unscoped SERVICE_ID of a group: the lowest port has it",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {"SERVICE_ID=mine"},
     {},
     false,
     false,
     false,
     {"mine app-80 10.0.0.5:80"}},
    {"scoped IDs",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {"SERVICE_80_ID=a", "SERVICE_81_ID=b"},
     {},
     false,
     false,
     false,
     {"a app-80 10.0.0.5:80", "b app-81 10.0.0.5:81"}},
    {"IGNORE", "", "80/tcp=0.0.0.0:80", {"SERVICE_IGNORE=true"}, {}, false, false, false, {}},
    {"IGNORE of one port leaves the suffix",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {"SERVICE_81_IGNORE=1"},
     {},
     false,
     false,
     false,
     {"host:web:80 app-80 10.0.0.5:80"}},
    {"empty IGNORE is none",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_IGNORE="},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:80"}},
    {"IGNORE=false means it",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_IGNORE=false"},
     {},
     false,
     false,
     false,
     {"host:web:80 app 10.0.0.5:80"}},
    {"compatible: any value ignores", "", "80/tcp=0.0.0.0:80", {"SERVICE_IGNORE=false"}, {}, false, false, true, {}},
    {"-explicit without a name", "", "80/tcp=0.0.0.0:80", {}, {}, false, true, false, {}},
    {"-explicit with a name from env",
     "",
     "80/tcp=0.0.0.0:80",
     {"SERVICE_NAME=x"},
     {},
     false,
     true,
     false,
     {"host:web:80 x 10.0.0.5:80"}},
    {"-explicit counts the group before leaving out",
     "",
     "80/tcp=0.0.0.0:80 81/tcp=0.0.0.0:81",
     {},
     {{"SERVICE_80_TAGS", "x"}, {"SERVICE_81_NAME", "y"}},
     false,
     true,
     false,
     {"host:web:81 y 10.0.0.5:81"}},
};

}  // namespace

TEST_CASE("ports, names and IDs") {
  for (const NameRow& row : kNameRows) {
    CAPTURE(row.what);
    CHECK(brief(spec_of(row)) == row.want);
  }
}

TEST_CASE("-require-label takes part only in what carries the label") {
  docker::Container container = test::container();
  container.published = test::published("80/tcp=0.0.0.0:80");
  AgentOptions options;
  options.require_label = LabelRequirement{"longshore.poc", std::nullopt};
  ContainerServices spec = services_of(container, options, test::facts(), nullptr);
  CHECK(spec.services.empty());
  CHECK(spec.rejects == std::vector<Reject>{{std::nullopt, "no label longshore.poc", true}});
  container.labels["longshore.poc"] = "";
  CHECK(services_of(container, options, test::facts(), nullptr).services.size() == 1);
  options.require_label->value = "blue";
  CHECK(services_of(container, options, test::facts(), nullptr).services.empty());
  container.labels["longshore.poc"] = "blue";
  CHECK(services_of(container, options, test::facts(), nullptr).services.size() == 1);
}

TEST_CASE("each port that is left out has its reason") {
  docker::Container container = test::container();
  container.exposed = test::ports("80/tcp 81/tcp 82/tcp");
  container.published = test::published("80/tcp 81/tcp=0.0.0.0:81 82/tcp=127.0.0.1:82 83/tcp=0.0.0.0:83");
  container.env = {"SERVICE_81_IGNORE=yes"};
  const ContainerServices spec = services_of(container, AgentOptions{}, test::facts(), nullptr);
  CHECK(brief(spec) == std::vector<std::string>{"host:web:83 app-83 10.0.0.5:83"});
  CHECK(spec.ports == std::vector<docker::Port>{test::port("83")});
  REQUIRE(spec.rejects.size() == 3);
  CHECK(spec.rejects[0] == Reject{test::port("80"), "not published", true});
  CHECK(spec.rejects[1] == Reject{test::port("81"), "SERVICE_IGNORE", true});
  CHECK(spec.rejects[2].reason.starts_with("published on 127.0.0.1 only"));
  CHECK_FALSE(spec.rejects[2].expected);
}
