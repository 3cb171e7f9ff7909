// -tags as a template, with pages that real servers give.
#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <thread>

#include "agent/page_fetch.h"
#include "tests/integration/agent/stage.h"

using namespace longshore;
using namespace longshore::agent::test;

namespace {

class Pages {
 public:
  Pages() {
    server_.Get("/zone", [this](const httplib::Request&, httplib::Response& response) {
      ++asked;
      response.set_content("{\"zone\": \"b\"}", "application/json");
    });
    server_.Get("/moved", [](const httplib::Request&, httplib::Response& response) { response.set_redirect("zone"); });
    server_.Get("/loop", [](const httplib::Request&, httplib::Response& response) { response.set_redirect("/loop"); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Pages() {
    server_.stop();
    thread_.join();
  }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::atomic<int> asked = 0;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

void use_template(Stage& stage, std::string text) {
  auto parsed = tmpl::registrator::TagTemplate::parse(std::move(text));
  REQUIRE(parsed);
  stage.config.options.tag_template = std::make_shared<const tmpl::registrator::TagTemplate>(std::move(*parsed));
}

FakeContainer tagged(int number) {
  return {.id = fake_id(number), .name = "c" + std::to_string(number), .address = "172.17.0.9", .host_port = 0};
}

nlohmann::json tags_of(Stage& stage, int number) {
  const auto services = stage.services();
  const auto found = services.find("host:c" + std::to_string(number) + ":80");
  return found == services.end() ? nlohmann::json() : (*found)["Tags"];
}

}  // namespace

TEST_CASE("tags out of the container, and out of a page that is asked for once") {
  Pages pages;
  Stage stage;
  use_template(stage, "{{strSlice .Name 1}},{{jsonParse (httpGet \"" + pages.url("/moved") + "\") \"zone\"}}");
  for (int i = 1; i <= 5; ++i) stage.docker.put(tagged(i));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(tags_of(stage, 1) == nlohmann::json({"c1", "b"}));
  CHECK(tags_of(stage, 5) == nlohmann::json({"c5", "b"}));
  CHECK(pages.asked == 1);
  // A restart writes nothing, and takes nothing away while the page is awaited.
  CHECK(stage.stop_agent() == 0);
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready(); }));
  CHECK(stage.metric("longshore_agent_registrations_total") == 0);
  CHECK(stage.metric("longshore_agent_deregistrations_total") == 0);
}

TEST_CASE("a template that fails costs its tags, never the service or the agent") {
  Stage stage;
  use_template(stage, "{{ index .Config.Env 0 }}");
  stage.docker.put(tagged(1));
  FakeContainer fine = tagged(2);
  fine.env = {"zone-a"};
  stage.docker.put(fine);
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready() && stage.count() == 2; }));
  CHECK(tags_of(stage, 1) == nlohmann::json::array());
  CHECK(tags_of(stage, 2) == nlohmann::json({"zone-a"}));
  bool said = false;
  const nlohmann::json status = stage.status();
  for (const auto& container : status["containers"])
    for (const auto& note : container.value("notes", nlohmann::json::array()))
      said |= note.get<std::string>().find("error calling index") != std::string::npos;
  CHECK(said);
}

TEST_CASE("a page that cannot be had is an empty one, as in Registrator") {
  Pages pages;
  Stage stage;
  use_template(stage, "a{{printf \"%s\" (httpGet \"" + pages.url("/loop") +
                          "\")}},b{{printf \"%s\" (httpGet \"http://127.0.0.1:1/\")}}");
  stage.docker.put(tagged(1));
  stage.docker.start();
  stage.start_registry();
  stage.start_agent();
  REQUIRE(stage.until([&] { return stage.ready() && stage.count() == 1; }));
  CHECK(tags_of(stage, 1) == nlohmann::json({"a", "b"}));
}
