#include "common/registry/check_runner.h"

#include "common/net/http_server.h"
#include "tests/support/run_coroutine.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;

// Answers by path: /200, /429, /500 that status, /hop a redirect to /200, /loop one to itself, /host what it was asked.
async::Awaitable<net::Response> serve(net::Request request, net::Peer) {
  net::Response response;
  response.status = static_cast<int>(std::strtol(request.target.substr(1).c_str(), nullptr, 10));
  if (response.status == 0) response.status = 302;
  if (request.target == "/hop") response.headers.set("Location", "/200");
  if (request.target == "/loop") response.headers.set("Location", "/loop");
  response.body = request.method + " " + std::string(request.headers.get("X-Test").value_or("")) + request.body;
  if (request.target == "/200/long") response.body = std::string(100'000, 'x');
  co_return response;
}

async::Awaitable<void> http_table(async::Executor executor, async::TaskGroup& tasks) {
  net::HttpServer server(executor, serve);
  net::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  REQUIRE(server.listen(endpoint, tasks));
  const std::string base = "http://127.0.0.1:" + std::to_string(server.local().port);
  const std::vector<std::pair<std::string, CheckStatus>> table{
      {"/200", CheckStatus::passing},  {"/204", CheckStatus::passing},  {"/429", CheckStatus::warning},
      {"/500", CheckStatus::critical}, {"/404", CheckStatus::critical}, {"/hop", CheckStatus::passing},
      {"/loop", CheckStatus::critical}};
  for (const auto& [path, expected] : table) {
    consul::CheckDefinition check;
    check.http = base + path;
    check.interval = 5s;
    const Probe probe = co_await probe_http(executor, check);
    CAPTURE(path);
    CHECK(probe.status == expected);
    CHECK(probe.output.starts_with("HTTP GET " + check.http + ": "));
  }
  consul::CheckDefinition post;
  post.http = base + "/200";
  post.method = "POST";
  post.header["X-Test"] = {"yes"};
  post.body = "body";
  const Probe posted = co_await probe_http(executor, post);
  CHECK(posted.output == "HTTP POST " + post.http + ": 200 OK Output: POST yesbody");
  consul::CheckDefinition large;
  large.http = base + "/200/long";
  const Probe bounded = co_await probe_http(executor, large);
  CHECK(bounded.status == CheckStatus::passing);
  CHECK(bounded.output.size() < 5000);
  consul::CheckDefinition tcp;
  tcp.tcp = "127.0.0.1:" + std::to_string(server.local().port);
  const Probe connected = co_await probe_tcp(tcp);
  CHECK(connected.output == "TCP connect " + tcp.tcp + ": Success");
  consul::CheckDefinition grpc;
  grpc.grpc = tcp.tcp + "/app.Service";
  const Probe reached = co_await probe_tcp(grpc);
  CHECK(reached.status == CheckStatus::passing);
  server.stop();
}

async::Awaitable<void> refused(async::Executor executor) {
  consul::CheckDefinition check;
  check.interval = 1s;
  for (const char* url : {"http://127.0.0.1:1/", "nonsense", "http://nowhere.invalid/"}) {
    check.http = url;
    const Probe probe = co_await probe_http(executor, check);
    CAPTURE(url);
    CHECK(probe.status == CheckStatus::critical);
    CHECK(probe.output != "");
  }
  for (const char* address : {"127.0.0.1:1", "nonsense", "127.0.0.1:99999"}) {
    check.tcp = address;
    const Probe probe = co_await probe_tcp(check);
    CAPTURE(address);
    CHECK(probe.status == CheckStatus::critical);
    CHECK(probe.output.starts_with("dial tcp"));
  }
}

async::Awaitable<void> start_and_end(CheckRunner& runner, async::TaskGroup& tasks, std::map<std::string, int>& runs) {
  consul::CheckDefinition definition;
  definition.tcp = "127.0.0.1:1";
  definition.interval = 1h;
  std::vector<RunnableCheck> checks{{"a", 1, definition, false}, {"b", 2, definition, false}};
  runner.sync(checks, tasks);
  while (runs["a"] < 2 || runs["b"] < 2) co_await async::sleep_for(1ms);
  const std::size_t with_both = tasks.size();
  checks.pop_back();
  runner.sync(checks, tasks);
  CHECK(runner.size() == 1);
  while (tasks.size() == with_both) co_await async::sleep_for(1ms);
  const int before = runs["b"];
  while (runs["a"] < 4) co_await async::sleep_for(1ms);
  CHECK(runs["b"] == before);
  runner.stop(tasks);
  CHECK(runner.size() == 0);
}

}  // namespace

TEST_CASE("HTTP checks against a real server") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  CHECK(test::run_coroutine(context, tasks, http_table(context.get_executor(), tasks)));
}

TEST_CASE("checks that cannot connect are critical and say why") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  CHECK(test::run_coroutine(context, tasks, refused(context.get_executor())));
}

TEST_CASE("checks start, repeat and end with their definitions") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  std::map<std::string, int> runs;
  CheckRunner runner(context.get_executor(), [&](const RunnableCheck& check, const Probe&) { ++runs[check.id]; });
  CHECK(test::run_coroutine(context, tasks, start_and_end(runner, tasks, runs)));
}

}  // namespace longshore::registry
