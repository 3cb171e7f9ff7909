// The whole registry over real sockets, in one process.
#include "common/registry/server.h"

#include <fstream>

#include "common/net/http_client.h"
#include "temporary_directory.h"
#include "tests/support/run_coroutine.h"

namespace longshore::registry {
namespace {

using namespace std::chrono_literals;

Options options(const std::string& data_dir = {}) {
  Options out;
  out.listen.port = 0;
  out.node_name = "n1";
  out.data_dir = data_dir;
  return out;
}

status::Log quiet() {
  status::LogOptions log;
  log.level = base::Level::error;
  return status::Log(log);
}

async::Awaitable<net::Response> send(net::HttpClient& client, std::string method, std::string target,
                                     std::string body = {}) {
  net::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  auto answer = co_await client.round_trip(std::move(request));
  if (answer) co_return *std::move(answer);
  net::Response failed;
  failed.status = -1;
  failed.body = answer.error().text;
  co_return failed;
}

std::string index_of(const net::Response& response) {
  return std::string(response.headers.get("X-Consul-Index").value_or(""));
}

async::Awaitable<void> keep(net::HttpClient& client, std::string target, std::vector<net::Response>& answers) {
  answers.push_back(co_await send(client, "GET", std::move(target)));
}

async::Awaitable<void> until_parked(net::HttpClient& client, std::string count) {
  const std::string wanted = "longshore_registry_parked_requests " + count + "\n";
  for (;;) {
    const net::Response metrics = co_await send(client, "GET", "/metrics");
    if (metrics.body.find(wanted) != std::string::npos) co_return;
  }
}

async::Awaitable<void> wakes(Server& server, async::TaskGroup& tasks) {
  const net::Endpoint where = server.local();
  net::HttpClient client(tasks.executor(), where);
  std::vector<net::Response> answers;
  const net::Response before = co_await send(client, "GET", "/v1/health/service/web");
  const std::string target = "/v1/health/service/web?index=" + index_of(before);
  for (int i = 0; i < 50; ++i) tasks.spawn("watch", keep(client, target, answers));
  co_await until_parked(client, "50");
  const net::Response other = co_await send(client, "PUT", "/v1/kv/a", "x");
  CHECK(other.status == 200);
  co_await until_parked(client, "50");
  CHECK(answers.empty());
  const net::Response put = co_await send(client, "PUT", "/v1/agent/service/register", R"({"Name":"web"})");
  CHECK(put.status == 200);
  while (answers.size() < 50) co_await async::sleep_for(1ms);
  for (const net::Response& answer : answers) {
    CHECK(answer.status == 200);
    CHECK(answer.body.find("\"web\"") != std::string::npos);
    CHECK(std::stoull(index_of(answer)) > std::stoull(index_of(before)));
  }
  // Those who are still parked get an answer when the registry stops.
  answers.clear();
  const net::Response now = co_await send(client, "GET", "/v1/health/service/web");
  tasks.spawn("watch", keep(client, "/v1/health/service/web?index=" + index_of(now), answers));
  co_await until_parked(client, "1");
  co_await server.stop();
  while (answers.empty()) co_await async::sleep_for(1ms);
  CHECK(answers.front().status == 200);
}

async::Awaitable<void> write_down(Server& server, async::TaskGroup& tasks, std::string& index) {
  net::HttpClient client(tasks.executor(), server.local());
  const std::string body = R"({"Name":"web","Port":80,"Check":{"TTL":"1h","Status":"passing"}})";
  const net::Response service = co_await send(client, "PUT", "/v1/agent/service/register", body);
  CHECK(service.status == 200);
  const net::Response key = co_await send(client, "PUT", "/v1/kv/a%00b", "x");
  CHECK(key.status == 200);
  const net::Response read = co_await send(client, "GET", "/v1/health/service/web?passing");
  index = index_of(read);
}

async::Awaitable<void> read_back(Server& server, async::TaskGroup& tasks, std::string index) {
  net::HttpClient client(tasks.executor(), server.local());
  const net::Response read = co_await send(client, "GET", "/v1/health/service/web?passing");
  CHECK(read.body.find("\"Port\":80") != std::string::npos);
  CHECK(std::stoull(index_of(read)) > std::stoull(index));
  const net::Response key = co_await send(client, "GET", "/v1/kv/a%00b?raw");
  CHECK(key.body == "x");
  co_await server.stop();
}

async::Awaitable<void> guarded(Server& server, async::TaskGroup& tasks) {
  net::HttpClient client(tasks.executor(), server.local());
  net::Request foreign;
  foreign.target = "/v1/kv/a";
  foreign.headers.set("Host", "evil.example");
  auto refused = co_await client.round_trip(std::move(foreign));
  REQUIRE(refused);
  CHECK(refused->status == 403);
  const net::Response no_token = co_await send(client, "GET", "/v1/kv/a");
  CHECK(no_token.status == 403);
  CHECK(no_token.body == "Permission denied");
  net::Request with_token;
  with_token.target = "/v1/catalog/datacenters";
  with_token.headers.set("X-Consul-Token", "secret");
  auto served = co_await client.round_trip(std::move(with_token));
  REQUIRE(served);
  CHECK(served->status == 200);
  const net::Response health = co_await send(client, "GET", "/healthz");
  CHECK(health.status == 200);
  const net::Response ready = co_await send(client, "GET", "/readyz");
  CHECK(ready.status == 200);
  co_await server.stop();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
}

async::Awaitable<int> status_with(net::HttpClient& client, std::string token) {
  net::Request request;
  request.target = "/v1/catalog/datacenters";
  request.headers.set("X-Consul-Token", token);
  auto answer = co_await client.round_trip(std::move(request));
  co_return answer ? answer->status : -1;
}

async::Awaitable<void> rereads_token(Server& server, async::TaskGroup& tasks, std::string file) {
  net::HttpClient client(tasks.executor(), server.local());
  int status = co_await status_with(client, "first");
  CHECK(status == 200);
  write_file(file, "second\n");
  status = co_await status_with(client, "second");
  CHECK(status == 403);
  server.reload();
  status = co_await status_with(client, "first");
  CHECK(status == 403);
  status = co_await status_with(client, "second");
  CHECK(status == 200);
  // A file that says nothing changes nothing.
  write_file(file, "\n");
  server.reload();
  status = co_await status_with(client, "");
  CHECK(status == 403);
  status = co_await status_with(client, "second");
  CHECK(status == 200);
  status = co_await status_with(client, "own");
  CHECK(status == 200);
  co_await server.stop();
}

async::Awaitable<void> checks_run(Server& server, async::TaskGroup& tasks) {
  net::HttpClient client(tasks.executor(), server.local());
  const std::string url = "http://127.0.0.1:" + std::to_string(server.local().port) + "/healthz";
  const std::string body = R"({"Name":"web","Check":{"HTTP":")" + url + R"(","Interval":"1h"}})";
  const net::Response before = co_await send(client, "GET", "/v1/health/service/web");
  const net::Response put = co_await send(client, "PUT", "/v1/agent/service/register", body);
  CHECK(put.status == 200);
  std::string index = index_of(before);
  for (;;) {
    const net::Response read = co_await send(client, "GET", "/v1/health/service/web?passing&wait=5s&index=" + index);
    index = index_of(read);
    if (read.body != "[]") break;
  }
  co_await server.stop();
}

}  // namespace

TEST_CASE("parked queries wake on their own topic only, and are answered when the registry stops") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  status::Log log = quiet();
  Server server(context.get_executor(), options(), log);
  REQUIRE(server.start(tasks));
  CHECK(longshore::test::run_coroutine(context, tasks, wakes(server, tasks)));
}

TEST_CASE("what was acknowledged is there after a restart that nobody announced") {
  const test::TemporaryDirectory directory;
  status::Log log = quiet();
  std::string index;
  {
    // Destroyed without stop(): nothing is written at the end.
    boost::asio::io_context context;
    async::TaskGroup tasks(context.get_executor());
    Server server(context.get_executor(), options(directory.path()), log);
    REQUIRE(server.start(tasks));
    CHECK(longshore::test::run_coroutine(context, tasks, write_down(server, tasks, index)));
  }
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  Server server(context.get_executor(), options(directory.path()), log);
  REQUIRE(server.start(tasks));
  CHECK(longshore::test::run_coroutine(context, tasks, read_back(server, tasks, index)));
}

TEST_CASE("foreign hosts and missing tokens") {
  const test::TemporaryDirectory directory;
  const std::string token_file = directory.path() + "/token";
  {
    std::ofstream file(token_file);
    file << "  secret\n";
  }
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  status::Log log = quiet();
  Options with_token = options();
  with_token.token_file = token_file;
  Server server(context.get_executor(), with_token, log);
  REQUIRE(server.start(tasks));
  CHECK(longshore::test::run_coroutine(context, tasks, guarded(server, tasks)));
}

TEST_CASE("the token file is read again on demand") {
  const test::TemporaryDirectory directory;
  const std::string file = directory.path() + "/token";
  write_file(file, "first\n");
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  status::Log log = quiet();
  Options with_token = options();
  with_token.token_file = file;
  with_token.own_token = "own";
  Server server(context.get_executor(), with_token, log);
  REQUIRE(server.start(tasks));
  CHECK(longshore::test::run_coroutine(context, tasks, rereads_token(server, tasks, file)));
}

TEST_CASE("a check that is registered is run at once") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  status::Log log = quiet();
  Server server(context.get_executor(), options(), log);
  REQUIRE(server.start(tasks));
  CHECK(longshore::test::run_coroutine(context, tasks, checks_run(server, tasks)));
}

TEST_CASE("an address that is not loopback needs a token file") {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  status::Log log = quiet();
  Options open_to_all = options();
  open_to_all.listen.host = "0.0.0.0";
  Server server(context.get_executor(), open_to_all, log);
  const Status started = server.start(tasks);
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::invalid_input);
  Options no_file = options();
  no_file.token_file = "/nonexistent/token";
  Server second(context.get_executor(), no_file, log);
  CHECK_FALSE(second.start(tasks));
}

}  // namespace longshore::registry
