// What of the old container the new one has. The shapes are those of Docker 20.10's inspect.
#include <doctest/doctest.h>

#include "common/deploy/container_spec.h"

using namespace longshore;
using namespace longshore::deploy;

namespace {

json::Value parse(const char* text) {
  const auto value = json::parse(text, "test");
  REQUIRE(value);
  return *value;
}

ContainerWish wish() {
  ContainerWish out;
  out.service = "books";
  out.color = "green";
  out.colors = {"blue", "green"};
  out.image = "books:2";
  return out;
}

const char* const kOld = R"({
  "Id": "0123456789abcdef", "Image": "sha256:1",
  "Config": {"Hostname": "0123456789ab", "Image": "books:1", "Cmd": ["serve"], "Entrypoint": ["/tini"], "User": "app",
    "Env": ["PATH=/bin", "VERSION=1", "DB=x", "SERVICE_NAME=books-blue", "SERVICE_8080_NAME=admin"],
    "Labels": {"built": "yes", "team": "a", "SERVICE_ID": "fixed", "longshore.deploy.color": "blue"},
    "ExposedPorts": {"80/tcp": {}, "81/tcp": {}}},
  "HostConfig": {"NetworkMode": "front", "Binds": ["/data:/data"], "Memory": 1000,
    "PortBindings": {"80/tcp": [{"HostIp": "10.0.0.1", "HostPort": "8080"}]}},
  "NetworkSettings": {"Networks": {"front": {}, "back": {}}}})";
const char* const kImage = R"({"Config": {"Cmd": ["old"], "Entrypoint": ["/tini"], "Env": ["PATH=/bin", "VERSION=1"],
  "Labels": {"built": "yes"}, "ExposedPorts": {"80/tcp": {}, "81/tcp": {}}}})";

}  // namespace

TEST_CASE("the new container is the old one with another image and colour") {
  const json::Value body = create_body(parse(kOld), parse(kImage), wish());
  CHECK(body == parse(R"({"Image": "books:2", "Cmd": ["serve"], "User": "app",
    "Env": ["DB=x", "SERVICE_NAME=books-green", "SERVICE_8080_NAME=admin"],
    "Labels": {"team": "a", "SERVICE_NAME": "books-green", "longshore.deploy.service": "books",
               "longshore.deploy.color": "green"},
    "HostConfig": {"NetworkMode": "front", "Binds": ["/data:/data"], "Memory": 1000,
      "PortBindings": {"80/tcp": [{"HostIp": "10.0.0.1", "HostPort": ""}]}}})"));
  CHECK(further_networks(parse(kOld), wish()) == std::vector<std::string>{"back"});
}

TEST_CASE("what the operator says is over what was") {
  ContainerWish more = wish();
  more.environment = {"DB=y", "NEW=1"};
  more.labels = {"team=b"};
  more.network = "third";
  const json::Value body = create_body(parse(kOld), parse(kImage), more);
  CHECK(body["Env"] == parse(R"(["SERVICE_NAME=books-green", "SERVICE_8080_NAME=admin", "DB=y", "NEW=1"])"));
  CHECK(body["Labels"]["team"] == "b");
  CHECK(body["HostConfig"]["NetworkMode"] == "third");
  CHECK(further_networks(parse(kOld), more).empty());
}

TEST_CASE("names by port") {
  json::Value old = parse(kOld);
  old["Config"]["Env"] = parse(R"(["SERVICE_8080_NAME=books"])");
  const json::Value body = create_body(old, parse(kImage), wish());
  CHECK(body["Env"] == parse(R"(["SERVICE_8080_NAME=books-green"])"));
  CHECK_FALSE(body["Labels"].contains("SERVICE_NAME"));
}

TEST_CASE("the first container publishes what its image exposes") {
  CHECK(create_body({}, {}, wish()) == parse(R"({"Image": "books:2", "Env": [],
    "Labels": {"SERVICE_NAME": "books-green", "longshore.deploy.service": "books", "longshore.deploy.color": "green"},
    "HostConfig": {"PublishAllPorts": true, "RestartPolicy": {"Name": "unless-stopped"}}})"));
  CHECK(further_networks({}, wish()).empty());
}

TEST_CASE("no image to compare with: everything is the container's own; foreign shapes do no harm") {
  const json::Value body = create_body(parse(kOld), {}, wish());
  CHECK(body["Entrypoint"] == parse(R"(["/tini"])"));
  for (const char* odd : {"[]", "{}", R"({"Config": 1, "HostConfig": null})",
                          R"({"Config": {"Env": {}, "Labels": []}, "NetworkSettings": {"Networks": []}})"}) {
    CAPTURE(odd);
    CHECK(create_body(parse(odd), parse(odd), wish())["Image"] == "books:2");
    CHECK(further_networks(parse(odd), wish()).empty());
  }
}

TEST_CASE("a colour by tag or by Meta: the service keeps its name") {
  ContainerWish by = wish();
  by.color_by = ColorBy::meta;
  json::Value labels = create_body(parse(kOld), parse(kImage), by)["Labels"];
  CHECK(labels["SERVICE_NAME"] == "books");
  CHECK(labels["SERVICE_COLOR"] == "green");
  CHECK_FALSE(labels.contains("SERVICE_TAGS"));
  by.color_by = ColorBy::tag;
  struct Row {
    const char* label;  // nullptr: none
    const char* variable;
    const char* tags;
  };
  const Row rows[] = {
      {nullptr, nullptr, "green"},          {"a,blue,b", nullptr, "a,b,green"}, {nullptr, "a,blue", "a,green"},
      {"label", "variable", "label,green"}, {"green", nullptr, "green"},        {" blue , ,a", nullptr, "a,green"},
  };
  for (const Row& row : rows) {
    json::Value old = parse(kOld);
    if (row.label != nullptr) old["Config"]["Labels"]["SERVICE_TAGS"] = row.label;
    if (row.variable != nullptr) old["Config"]["Env"].push_back(std::string("SERVICE_TAGS=") + row.variable);
    labels = create_body(old, parse(kImage), by)["Labels"];
    CHECK(labels["SERVICE_TAGS"] == row.tags);
    CHECK(labels["SERVICE_COLOR"] == "green");
    CHECK(labels["SERVICE_NAME"] == "books");
  }
}
