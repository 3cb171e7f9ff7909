// -tags as a template in the machine: pages are asked for by the shell, and nothing is taken away meanwhile.
#include <doctest/doctest.h>

#include "agent/page_fetch.h"
#include "tests/unit/agent/talk.h"

using namespace longshore;
using namespace longshore::agent;
using test::has;
using test::Lines;

namespace {

AgentOptions with_template(std::string text) {
  AgentOptions options;
  auto parsed = tmpl::registrator::TagTemplate::parse(std::move(text));
  REQUIRE(parsed);
  options.tag_template = std::make_shared<const tmpl::registrator::TagTemplate>(std::move(*parsed));
  return options;
}

docker::Container web(std::string name, char digit) {
  docker::Container out = test::web(std::move(name), digit, 8080);
  out.inspect_body = R"({"Id":")" + out.id + R"(","Name":"/)" + out.name + R"("})";
  return out;
}

}  // namespace

TEST_CASE("entries of an earlier life stay while a page is awaited") {
  test::Talk talk(with_template("{{printf \"%s\" (httpGet \"http://p/\")}}"));
  const docker::Container one = web("one", 'a');
  consul::Service old;
  old.id = "host:one:80";
  old.name = "app";
  old.meta = {{"longshore-owner", "node/engine/nonce"}, {"longshore-container", std::string(12, 'a')}};
  consul::Service renamed = old;
  renamed.id = "host:one:81";
  talk.start();
  talk.self();
  talk.services({{old.id, old}, {renamed.id, renamed}});
  talk.connected();
  talk.listed({test::row('a')});
  Lines said = talk.inspected(one);
  CHECK(has(said, "fetch http://p/"));
  CHECK_FALSE(has(said, "register host:one:80"));
  CHECK_FALSE(talk.machine().ready());
  for (const std::string& line : said) CHECK_FALSE(line.starts_with("withdraw"));
  said = talk.fetched("http://p/", std::string("green"));
  CHECK(has(said, "register host:one:80"));
  CHECK(has(talk.registered("host:one:80"), "withdraw host:one:81: its container does not ask for it"));
  CHECK(talk.last_registration().tags == std::vector<std::string>{"green"});
  talk.settle();
  CHECK(talk.machine().ready());
}

TEST_CASE("pages are shared, asked for again when they are old, and kept when that fails") {
  AgentOptions options = with_template("{{printf \"%s\" (httpGet \"http://p/\")}},{{.Name}}");
  TagTemplates tags(options);
  Actions out;
  base::TimePoint now{std::chrono::seconds(1000)};
  const docker::Container one = web("one", 'a');
  const docker::Container two = web("two", 'b');
  CHECK_FALSE(tags.tags_for(one, now, out));
  CHECK_FALSE(tags.tags_for(two, now, out));
  CHECK(out == Actions{action::Fetch{"http://p/"}});
  CHECK(tags.fetched({"http://p/", std::string("x")}, now, out) == std::set<std::string>{one.id, two.id});
  CHECK(tags.tags_for(one, now, out)->tags == std::vector<std::string>{"x", "/one"});
  CHECK(tags.tags_for(two, now, out)->tags == std::vector<std::string>{"x", "/two"});
  CHECK(tags.waiting().empty());
  CHECK(out.size() == 1);
  now += TagTemplates::kFresh;
  CHECK(tags.tags_for(one, now, out)->tags.front() == "x");
  CHECK(out.size() == 2);
  CHECK(tags.fetched({"http://p/", fail(Errc::timeout, "late")}, now, out).empty());
  CHECK(tags.tags_for(one, now, out)->tags.front() == "x");
  now += TagTemplates::kFreshFailure;
  tags.tags_for(one, now, out);
  CHECK(tags.fetched({"http://p/", std::string("y")}, now, out) == std::set<std::string>{one.id, two.id});
  CHECK(tags.fetched({"http://p/", std::string("y")}, now, out).empty());
  tags.forget(one.id);
  tags.forget(two.id);
  CHECK_FALSE(tags.tags_for(one, now, out));  // forgotten with its last user
}

TEST_CASE("a template that makes up URLs is bounded") {
  AgentOptions options = with_template("{{httpGet (print \"http://p/\" .ID)}}");
  TagTemplates tags(options);
  Actions out;
  const base::TimePoint now{std::chrono::seconds(1000)};
  for (std::size_t i = 0; i < TagTemplates::kMostPages + 50; ++i) {
    docker::Container one = web("c" + std::to_string(i), 'a');
    one.id = "id" + std::to_string(i);
    one.inspect_body = R"({"Id":")" + one.id + R"("})";
    CHECK(tags.tags_for(one, now, out).has_value() == (i >= TagTemplates::kMostPages));
  }
  CHECK(out.size() == TagTemplates::kFetchesAtOnce);
}

TEST_CASE("a failing template is a note and no tags") {
  TagTemplates tags(with_template("{{.Nope}}"));
  Actions out;
  const auto found = tags.tags_for(web("one", 'a'), {}, out);
  REQUIRE(found);
  CHECK(found->tags.empty());
  CHECK(found->problem.find("Nope") != std::string::npos);
}

TEST_CASE("URLs of pages") {
  CHECK(parse_page_url("http://h/a?b=c#d").value() == PageAddress{"http://h", "/a?b=c"});
  CHECK(parse_page_url("https://h:8443").value() == PageAddress{"https://h:8443", "/"});
  CHECK(parse_page_url("http://h?x").value() == PageAddress{"http://h", "/?x"});
  for (const char* bad : {"", "h/a", "ftp://h/", "http://", "http:///a", "file:///etc/passwd", "http://h/a b\n"})
    CHECK_MESSAGE(!parse_page_url(bad), bad);
  const PageAddress from{"http://h", "/a/b?c"};
  CHECK(follow(from, "d").value() == PageAddress{"http://h", "/a/d"});
  CHECK(follow(from, "/d").value() == PageAddress{"http://h", "/d"});
  CHECK(follow(from, "//o/d").value() == PageAddress{"http://o", "/d"});
  CHECK(follow(from, "https://o/d").value() == PageAddress{"https://o", "/d"});
}
