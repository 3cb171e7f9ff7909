#include "common/docker/client.h"

#include <algorithm>

#include "common/base/hash.h"
#include "common/docker/codec.h"
#include "common/json/json.h"
#include "common/net/line_framer.h"

namespace longshore::docker {
namespace {

constexpr std::size_t kLongestEvent = 1 << 20;  // bytes; labels of one container are far below
// What is only nice to know keeps no container waiting for longer.
constexpr base::Duration kLittlePatience = std::chrono::seconds(2);
constexpr std::size_t kMostRemembered = 4096;
constexpr base::Duration kEndless = std::chrono::hours(24 * 365);

// Docker says why in {"message": "…"}.
std::string reason_of(const net::Response& response) {
  const auto parsed = json::parse(response.body, "error");
  if (parsed && parsed->is_object()) {
    const auto message = parsed->find("message");
    if (message != parsed->end() && message->is_string()) return message->get<std::string>();
  }
  constexpr std::size_t kEnough = 200;
  return response.body.substr(0, kEnough);
}

Error status_error(const std::string& target, const net::Response& response) {
  Errc code = Errc::rejected;
  if (response.status == 404) code = Errc::not_found;
  if (response.status == 429 || response.status >= 500) code = Errc::server_error;
  return Error{code, "GET " + target + ": " + std::to_string(response.status) + ": " + reason_of(response)};
}

// A proxy's no, which asking again does not change; not an engine in trouble.
bool is_refusal(const Error& error) {
  return error.code == Errc::rejected || error.code == Errc::not_found;
}

// Whether the network's driver decides which ports there are: see NetworkEndpoint::driver.
bool driver_matters(const Container& container) {
  const std::string& mode = container.network_mode;
  for (const char* other : {"", "default", "bridge", "host", "none"})
    if (mode == other) return false;
  return !mode.starts_with("container:") && container.published.empty();
}

net::PhaseTimeouts small_limits(net::PhaseTimeouts limits) {
  limits.connect = std::min(limits.connect, kLittlePatience);
  limits.first_byte = std::min(limits.first_byte, kLittlePatience);
  return limits;
}

std::string without_prefix(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

std::string socket_id(const net::Endpoint& endpoint) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id = "socket-";
  std::uint64_t hash = base::fnv1a(net::to_string(endpoint));
  for (int i = 0; i < 16; ++i, hash <<= 4) id += kHex[hash >> 60];
  return id;
}

class HttpEventStream final : public EventStream {
 public:
  explicit HttpEventStream(std::unique_ptr<net::BodyStream> body) : body_(std::move(body)), lines_(kLongestEvent) {}

  async::Awaitable<Result<Event>> next() override {
    for (;;) {
      while (std::optional<std::string> line = lines_.next()) {
        // application/json-seq (RFC 7464) begins each text with a record separator.
        if (line->starts_with('\x1e')) line->erase(0, 1);
        if (line->empty()) continue;
        Result<Event> event = decode_event(*line);
        if (event) co_return std::move(*event);
        ++malformed_;
      }
      Result<std::string> piece = co_await body_->read(kEndless);
      if (!piece) co_return fail(std::move(piece).error());
      if (piece->empty()) co_return fail(Errc::unreachable, "Docker ended the event stream");
      lines_.feed(*piece);
    }
  }

  std::uint64_t skipped() const override { return malformed_ + lines_.dropped(); }

 private:
  std::unique_ptr<net::BodyStream> body_;
  net::LineFramer lines_;
  std::uint64_t malformed_ = 0;
};

}  // namespace

Client::Client(async::Executor executor, ClientSettings settings)
    : settings_(std::move(settings)),
      http_(std::make_unique<net::HttpClient>(std::move(executor), settings_.endpoint, settings_.tls)) {}

async::Awaitable<Result<net::Response>> Client::get(std::string target) {
  return get(std::move(target), settings_.limits);
}

async::Awaitable<Result<net::Response>> Client::get(std::string target, net::PhaseTimeouts limits) {
  net::Request request;
  request.target = version_.empty() ? target : "/v" + version_ + target;
  auto response = co_await http_->round_trip(std::move(request), limits);
  if (!response) co_return fail(response.error().with("Docker"));
  if (response->status != 200) co_return fail(status_error(target, *response).with("Docker"));
  co_return std::move(*response);
}

// The version to speak; `engine` gets what is learnt on the way.
async::Awaitable<Result<std::string>> Client::negotiate(Engine& engine) {
  VersionInfo offered;
  auto answer = co_await get("/version");
  if (answer) {
    Result<VersionInfo> version = decode_version(answer->body);
    if (!version) co_return fail(version.error().with("Docker"));
    offered = std::move(*version);
  } else {
    if (!is_refusal(answer.error())) co_return fail(std::move(answer).error());
    engine.refused.push_back(without_prefix(answer.error().text, "Docker: "));
    auto ping = co_await get("/_ping");
    if (!ping && !is_refusal(ping.error())) co_return fail(std::move(ping).error());
    if (!ping) engine.refused.push_back(without_prefix(ping.error().text, "Docker: "));
    if (ping) offered.api_version = std::string(ping->headers.get("Api-Version").value_or(""));
    if (offered.api_version.empty()) co_return std::string();
  }
  engine.version = offered.version;
  Result<std::string> agreed = choose_api_version(offered);
  if (!agreed) co_return fail(agreed.error().with("Docker"));
  co_return std::move(*agreed);
}

async::Awaitable<Result<Engine>> Client::connect() {
  version_.clear();
  digests_.clear();
  drivers_.clear();
  asks_images_ = asks_networks_ = true;
  http_->close_idle();
  Engine engine;
  std::string chosen = settings_.api_version;
  if (chosen.empty()) {
    Result<std::string> agreed = co_await negotiate(engine);
    if (!agreed) co_return fail(std::move(agreed).error());
    chosen = std::move(*agreed);
  }
  version_ = chosen;
  auto info = co_await get("/info");
  if (info) {
    Result<Engine> told = decode_info(info->body);
    if (!told) co_return fail(told.error().with("Docker"));
    told->refused = std::move(engine.refused);
    engine = std::move(*told);
  } else {
    if (!is_refusal(info.error())) co_return fail(std::move(info).error());
    engine.refused.push_back(without_prefix(info.error().text, "Docker: "));
    engine.id = socket_id(settings_.endpoint);
    engine.name = net::to_string(settings_.endpoint);
  }
  engine.api_version = version_;
  co_return engine;
}

async::Awaitable<Result<std::vector<ContainerSummary>>> Client::list(bool all) {
  std::string target = all ? "/containers/json?all=true" : "/containers/json";
  auto answer = co_await get(std::move(target));
  if (!answer) co_return fail(std::move(answer).error());
  co_return decode_container_list(answer->body);
}

async::Awaitable<Result<Container>> Client::inspect(std::string id) {
  auto answer = co_await get("/containers/" + net::percent_encode(id) + "/json");
  if (!answer) co_return fail(std::move(answer).error());
  Result<Container> container = decode_container(answer->body);
  if (!container) co_return container;
  if (settings_.keep_bodies) container->inspect_body = std::move(answer->body);
  if (!settings_.look_further || !container->state.running) co_return container;
  // A reference by digest says it itself.
  if (!container->image_id.empty() && container->image_reference.find('@') == std::string::npos)
    container->image_digest = co_await image_digest(container->image_id, container->image_reference);
  if (!driver_matters(*container)) co_return container;
  for (auto& [name, network] : container->networks)
    if (!network.network_id.empty()) network.driver = co_await network_driver(network.network_id);
  co_return container;
}

async::Awaitable<std::string> Client::extra(std::string target, bool* asking) {
  if (!*asking) co_return "";
  const net::PhaseTimeouts limits = small_limits(settings_.limits);
  auto answer = co_await get(std::move(target), limits);
  if (answer) co_return std::move(answer->body);
  // Only "there is no such thing" says nothing of the next question.
  if (answer.error().code != Errc::not_found) *asking = false;
  co_return "";
}

async::Awaitable<std::string> Client::image_digest(std::string id, std::string reference) {
  const std::string key = id + " " + reference;
  if (const auto known = digests_.find(key); known != digests_.end()) co_return known->second;
  const std::string body = co_await extra("/images/" + net::percent_encode(id) + "/json", &asks_images_);
  std::string digest = decode_image_digest(body, reference).value_or("");
  if (digests_.size() >= kMostRemembered) digests_.clear();
  digests_[key] = digest;
  co_return digest;
}

async::Awaitable<std::string> Client::network_driver(std::string id) {
  if (const auto known = drivers_.find(id); known != drivers_.end()) co_return known->second;
  const std::string body = co_await extra("/networks/" + net::percent_encode(id), &asks_networks_);
  std::string driver = decode_network_driver(body).value_or("");
  if (drivers_.size() >= kMostRemembered) drivers_.clear();
  drivers_[id] = driver;
  co_return driver;
}

async::Awaitable<Result<std::unique_ptr<EventStream>>> Client::events(std::int64_t since) {
  std::vector<net::QueryItem> query;
  query.push_back(net::QueryItem{"filters", event_filters()});
  if (since > 0) {
    constexpr std::int64_t kNano = 1'000'000'000;
    std::string fraction = std::to_string(since % kNano);
    fraction.insert(0, 9 - fraction.size(), '0');
    query.push_back(net::QueryItem{"since", std::to_string(since / kNano) + "." + fraction});
  }
  net::Request request;
  const std::string path = version_.empty() ? "/events" : "/v" + version_ + "/events";
  request.target = net::build_target(path, query);
  auto body = co_await http_->open(std::move(request), settings_.limits);
  if (!body) co_return fail(body.error().with("Docker"));
  if ((*body)->head().status != 200) {
    net::Response refusal = (*body)->head();
    auto text = co_await (*body)->read(settings_.limits.body_idle);
    refusal.body = text.value_or("");
    co_return fail(status_error("/events", refusal).with("Docker"));
  }
  co_return std::make_unique<HttpEventStream>(std::move(*body));
}

}  // namespace longshore::docker
