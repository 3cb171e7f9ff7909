#include "common/main/deploy_order.h"

#include "common/async/executor.h"
#include "common/main/blocking_call.h"
#include "common/main/deploy_facts.h"

namespace longshore::app {
namespace {

struct State {
  bool working = false;
  std::string stage;
};

async::Awaitable<Result<State>> state_of(consul::Client& client, std::string key) {
  State out;
  const consul::QueryOptions options = consul::confirmed();
  auto record = co_await client.kv_get(std::move(key), options);
  if (!record) co_return fail(std::move(record.error()));
  if (!record->value) co_return out;
  out.working = !record->value->session.empty();
  const Result<json::Value> value = json::parse(record->value->value, "the record");
  if (value) out.stage = facts::text_at(*value, "stage");
  co_return out;
}

bool is_carried_out(const State& state, const std::string& order) {
  if (order == "pause") return state.stage == "paused" || !state.working;
  if (order == "resume") return state.stage != "paused";
  return !state.working;
}

async::Awaitable<Result<State>> ask(DrainCall& call, OrderCall order) {
  const std::string key = call.kv_prefix + "deploys/" + order.service;
  auto state = co_await state_of(call.client, key);
  if (!state) co_return fail(state.error().with("Consul"));
  if (!state->working) co_return fail(Errc::not_found, "no change is under way; -rollback undoes the last one");
  const json::Value text = {{"version", 1}, {"order", order.order}, {"by", order.by}, {"at", drain::rfc3339_now()}};
  const consul::KvWrite how;
  auto written = co_await call.client.kv_put(key + "/order", json::dump(text), how);
  if (!written) co_return fail(written.error().with("Consul"));
  const base::TimePoint until = async::now() + order.limit;
  while (async::now() < until) {
    state = co_await state_of(call.client, key);
    if (state && is_carried_out(*state, order.order)) co_return state;
    co_await async::sleep_for(std::chrono::milliseconds(100));
  }
  co_return fail(Errc::timeout, "asked, and not carried out after " + base::format_duration(order.limit));
}

}  // namespace

int give_order(DrainCall& call, Teller& tell, const OrderCall& order) {
  const Result<State> state = run_to_end(call.context, ask(call, order));
  if (!state) return tell.complain("longshore deploy: " + order.service + ": " + state.error().text, 1);
  const std::string stage = state->stage.empty() ? "unknown" : state->stage;
  tell.say(order.order, order.service + ": " + (state->working ? "at work, " : "ended, ") + stage, {{"stage", stage}});
  return 0;
}

}  // namespace longshore::app
