// TLS against cpp-httplib's server with a certificate authority made for the test.
#include <httplib.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "common/net/http_client.h"
#include "tests/support/run_coroutine.h"

namespace longshore::net {
namespace {
using async::Awaitable;

class TestAuthority {
 public:
  TestAuthority() {
    std::string name = (std::filesystem::temp_directory_path() / "longshore-tls-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem");
    issue("server", "DNS:registry.test,IP:127.0.0.1");
    issue("client", "DNS:client.test");
  }
  ~TestAuthority() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string file(const std::string& name) const { return directory_ + "/" + name; }

 private:
  void issue(const std::string& name, const std::string& alternative) {
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
        " -addext subjectAltName=" + alternative + " -keyout " + name + ".key -out " + name + ".csr");
    run("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out " +
        name + ".pem");
  }
  void run(const std::string& arguments) {
    const std::string command = "cd " + directory_ + " && openssl " + arguments + " >/dev/null 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  std::string directory_;
};

class TlsServer {
 public:
  TlsServer(const TestAuthority& authority, bool ask_client)
      : server_(authority.file("server.pem").c_str(), authority.file("server.key").c_str(),
                ask_client ? authority.file("ca.pem").c_str() : nullptr) {
    server_.Get("/hello", [](const httplib::Request&, httplib::Response& out) { out.set_content("hi", "text/plain"); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TlsServer() {
    server_.stop();
    thread_.join();
  }
  Endpoint endpoint() const {
    Endpoint out;
    out.host = "127.0.0.1";
    out.port = static_cast<std::uint16_t>(port_);
    out.tls = true;
    return out;
  }

 private:
  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

Result<Response> ask(const Endpoint& endpoint, const TlsSettings& tls) {
  boost::asio::io_context context;
  async::TaskGroup tasks(context.get_executor());
  HttpClient client(context.get_executor(), endpoint, tls);
  Result<Response> out = fail(Errc::cancelled, "not asked");
  const auto body = [&]() -> Awaitable<void> {
    Request request;
    request.target = "/hello";
    out = co_await client.round_trip(std::move(request));
  };
  CHECK(test::run_coroutine(context, tasks, body()));
  return out;
}

TEST_CASE("the server's certificate is verified against the authority and the name") {
  const TestAuthority authority;
  const TlsServer server(authority, false);
  TlsSettings good;
  good.ca_file = authority.file("ca.pem");
  const auto by_address = ask(server.endpoint(), good);
  REQUIRE(by_address.has_value());
  CHECK(by_address->body == "hi");
  TlsSettings named = good;
  named.server_name = "registry.test";
  CHECK(ask(server.endpoint(), named).has_value());
  TlsSettings wrong_name = good;
  wrong_name.server_name = "other.test";
  CHECK_FALSE(ask(server.endpoint(), wrong_name).has_value());
  const auto unknown_authority = ask(server.endpoint(), TlsSettings{});
  REQUIRE_FALSE(unknown_authority.has_value());
  CHECK(unknown_authority.error().text.find("certificate verify failed") != std::string::npos);
  TlsSettings trusting;
  trusting.verify = false;
  CHECK(ask(server.endpoint(), trusting).has_value());
}

TEST_CASE("a client certificate is shown when the server wants one") {
  const TestAuthority authority;
  const TlsServer server(authority, true);
  TlsSettings without;
  without.ca_file = authority.file("ca.pem");
  CHECK_FALSE(ask(server.endpoint(), without).has_value());
  TlsSettings with = without;
  with.cert_file = authority.file("client.pem");
  with.key_file = authority.file("client.key");
  const auto answer = ask(server.endpoint(), with);
  REQUIRE(answer.has_value());
  CHECK(answer->body == "hi");
}

TEST_CASE("files that cannot be used are named") {
  const TestAuthority authority;
  const TlsServer server(authority, false);
  TlsSettings missing;
  missing.ca_file = "/nonexistent/ca.pem";
  const auto answer = ask(server.endpoint(), missing);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::invalid_input);
  CHECK(answer.error().text.find("/nonexistent/ca.pem") != std::string::npos);
}

}  // namespace
}  // namespace longshore::net
