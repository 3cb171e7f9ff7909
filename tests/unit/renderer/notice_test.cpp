#include <doctest/doctest.h>

#include "renderer/io/notifier.h"
#include "tests/unit/renderer/dialogue.h"
#include "tests/unit/renderer/instances.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::Dialogue;
using longshore::render::test::entry;
using longshore::render::test::Lines;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Dependency kWeb = render::test::service_named("web");
const consul::ServiceEntry kOne = entry("n1", "web-1", "web", "10.0.0.1", 80);
const consul::ServiceEntry kTwo = entry("n2", "web-2", "web", "10.0.0.2", 80);

MachineSettings settings() {
  MachineSettings out = Dialogue::settings(0);
  out.hold.hold = base::Duration(0);
  NoticeSpec spec;
  spec.service = "web";
  spec.query.on = kWeb;
  spec.query.filter.add(Health::passing);
  spec.below = 2;
  spec.command = "redeploy";
  out.notices = {spec};
  return out;
}

Lines told(const Lines& lines) {
  Lines out;
  for (const std::string& line : lines)
    if (line.starts_with("tell")) out.push_back(line);
  return out;
}

Lines answer(Dialogue& dialogue, std::vector<consul::ServiceEntry> entries, std::uint64_t index) {
  dialogue.tell(input::Answered{kWeb, std::move(entries), index});
  return told(dialogue.idle());
}

Lines done(Dialogue& dialogue, bool success) {
  input::Told outcome;
  outcome.number = 1;
  if (!success) outcome.status = fail(Errc::check_failed, "exit code 1");
  dialogue.tell(std::move(outcome));
  return told(dialogue.idle());
}

}  // namespace

TEST_CASE("notice: a service without a template is watched, and its first answer tells nobody") {
  Dialogue dialogue(settings());
  CHECK(dialogue.start() == Lines{"watch health.service(web)"});
  CHECK(answer(dialogue, {kOne, kTwo}, 10).empty());
  CHECK(told(dialogue.wait(seconds(60))).empty());
}

TEST_CASE("notice: too few for as long as was said, once; enough again, once") {
  Dialogue dialogue(settings());
  dialogue.start();
  answer(dialogue, {kOne, kTwo}, 10);
  CHECK(answer(dialogue, {kOne}, 11).empty());
  CHECK(told(dialogue.wait(milliseconds(1900))).empty());
  CHECK(told(dialogue.wait(milliseconds(200))) == Lines{"tell low web 1/2 gone web-2"});
  CHECK(done(dialogue, true).empty());
  CHECK(answer(dialogue, {}, 12).empty());
  CHECK(told(dialogue.wait(seconds(60))).empty());
  answer(dialogue, {kOne, kTwo}, 13);
  CHECK(told(dialogue.wait(seconds(3))) == Lines{"tell enough web 2/2"});
}

TEST_CASE("notice: too few for a moment is nobody's business") {
  Dialogue dialogue(settings());
  dialogue.start();
  answer(dialogue, {kOne, kTwo}, 10);
  answer(dialogue, {kOne}, 11);
  dialogue.wait(seconds(1));
  answer(dialogue, {kOne, kTwo}, 12);
  CHECK(told(dialogue.wait(seconds(60))).empty());
}

TEST_CASE("notice: what did not get there is tried again, unless it is over") {
  Dialogue dialogue(settings());
  dialogue.start();
  answer(dialogue, {kOne, kTwo}, 10);
  answer(dialogue, {kOne}, 11);
  CHECK(told(dialogue.wait(seconds(2))).size() == 1);
  CHECK(done(dialogue, false).empty());
  CHECK(told(dialogue.wait(seconds(1))) == Lines{"tell low web 1/2 gone web-2"});
  done(dialogue, false);
  answer(dialogue, {kOne, kTwo}, 12);
  CHECK(told(dialogue.wait(seconds(120))).empty());
}

TEST_CASE("notice: what a command and a URL get") {
  const Notice notice{Notice::Event::low,
                      "web",
                      2,
                      {{"n1", "web-1", "10.0.0.1:80"}},
                      {{"n2", "web-2", "10.0.0.2:80"}, {"n2", "web-3", "10.0.0.3:80"}}};
  CHECK(notice_json(notice) ==
        R"({"below":2,"event":"low","gone":[{"address":"10.0.0.2:80","id":"web-2","node":"n2"},)"
        R"({"address":"10.0.0.3:80","id":"web-3","node":"n2"}],"instances":1,)"
        R"("left":[{"address":"10.0.0.1:80","id":"web-1","node":"n1"}],"service":"web","version":1})");
  const auto variables = notice_environment(notice);
  CHECK(variables.at("LONGSHORE_WATCH_EVENT") == "low");
  CHECK(variables.at("LONGSHORE_WATCH_GONE_NODES") == "n2");
  CHECK(variables.at("LONGSHORE_WATCH_INSTANCES") == "1");
}

TEST_CASE("notice: URLs") {
  const auto url = parse_notice_url("https://ci.example.com/job?token=secret");
  REQUIRE(url);
  CHECK(url->endpoint.host == "ci.example.com");
  CHECK(url->endpoint.port == 443);
  CHECK(url->endpoint.tls);
  CHECK(url->target == "/job?token=secret");
  CHECK(parse_notice_url("http://h:81")->target == "/");
  CHECK(parse_notice_url("http://h:81?a=b")->target == "/?a=b");
  for (const char* bad : {"ftp://h/", "h:80", "", "http://", "http:///x", "http://h/a b", "http://h:0x/"})
    CHECK_FALSE_MESSAGE(parse_notice_url(bad), bad);
  CHECK(to_log("https://ci.example.com/job?token=secret") == "https://ci.example.com/job");
}
