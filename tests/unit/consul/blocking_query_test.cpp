#include "common/consul/blocking_query.h"

#include <doctest/doctest.h>

namespace longshore::consul {
namespace {

using namespace std::chrono_literals;

base::TimePoint at(base::Duration since_start) {
  return base::TimePoint(1000s) + since_start;
}

BlockingSettings settings() {
  BlockingSettings out;
  out.wait = 160s;
  out.slack = 5s;
  out.burst = 3;
  out.refill = 10s;
  return out;
}

}  // namespace

TEST_CASE("the first ask does not block, the next one waits for more than was told") {
  BlockingQuery query(settings(), 1);
  const auto first = query.start(at(0s));
  CHECK(first == BlockingQuery::Ask{at(0s), 0, 0s, 5s});
  const auto step = query.answered(42, false, at(1s));
  CHECK(step.publish);
  CHECK_FALSE(step.restarted);
  // 160 s + 160 s / 16 + 5 s
  CHECK(step.ask == BlockingQuery::Ask{at(1s), 42, 160s, 175s});
}

TEST_CASE("an equal index is no news") {
  BlockingQuery query(settings(), 1);
  query.start(at(0s));
  query.answered(42, false, at(1s));
  const auto step = query.answered(42, false, at(170s));
  CHECK_FALSE(step.publish);
  CHECK(step.ask.index == 42);
}

TEST_CASE("a higher index with the same payload is no news, but the index goes on") {
  BlockingQuery query(settings(), 1);
  query.start(at(0s));
  query.answered(42, false, at(1s));
  const auto step = query.answered(50, true, at(2s));
  CHECK_FALSE(step.publish);
  CHECK(step.ask.index == 50);
}

TEST_CASE("a lower index starts over at once") {
  BlockingQuery query(settings(), 1);
  query.start(at(0s));
  query.answered(42, false, at(1s));
  const auto step = query.answered(7, false, at(2s));
  CHECK_FALSE(step.publish);
  CHECK(step.restarted);
  CHECK(step.ask.at == at(2s));
  CHECK(step.ask.index == 0);
  CHECK(step.ask.wait == 0s);
  const auto after = query.answered(7, false, at(3s));
  CHECK(after.publish);
  CHECK(after.ask.index == 7);
}

TEST_CASE("a missing index never makes a hot loop of queries that do not block") {
  BlockingQuery query(settings(), 1);
  query.start(at(0s));
  const auto step = query.answered(0, false, at(1s));
  CHECK(step.publish);
  CHECK(step.ask.index == 1);
}

TEST_CASE("an error waits longer each time and asks for the whole state again") {
  BlockingQuery query(settings(), 1);
  query.start(at(0s));
  query.answered(42, false, at(1s));
  const auto first = query.failed(at(100s));
  CHECK_FALSE(first.publish);
  CHECK(first.restarted);
  CHECK(first.ask.index == 0);
  // 75 to 100 % of 250 ms.
  CHECK(first.ask.at >= at(100s) + 187ms);
  CHECK(first.ask.at <= at(100s) + 250ms);
  const auto second = query.failed(at(101s));
  CHECK_FALSE(second.restarted);
  CHECK(second.ask.at >= at(101s) + 375ms);
  CHECK(query.failures() == 2);
  const auto back = query.answered(43, false, at(102s));
  CHECK(back.publish);
  CHECK(query.failures() == 0);
}

TEST_CASE("with patience for errors the index is kept until they repeat") {
  BlockingSettings patient = settings();
  patient.restart_after_errors = 3;
  BlockingQuery query(patient, 1);
  query.start(at(0s));
  query.answered(42, false, at(1s));
  CHECK(query.failed(at(10s)).ask.index == 42);
  CHECK(query.failed(at(20s)).ask.index == 42);
  const auto third = query.failed(at(30s));
  CHECK(third.restarted);
  CHECK(third.ask.index == 0);
}

TEST_CASE("the bucket: a burst at once, then one per refill, full again after a pause") {
  BlockingQuery query(settings(), 1);
  CHECK(query.start(at(0s)).at == at(0s));
  CHECK(query.answered(2, false, at(0s)).ask.at == at(0s));
  CHECK(query.answered(3, false, at(0s)).ask.at == at(0s));
  CHECK(query.answered(4, false, at(0s)).ask.at == at(10s));
  CHECK(query.answered(5, false, at(11s)).ask.at == at(20s));
  CHECK(query.answered(6, false, at(200s)).ask.at == at(200s));
  CHECK(query.answered(7, false, at(200s)).ask.at == at(200s));
  CHECK(query.answered(8, false, at(200s)).ask.at == at(200s));
  CHECK(query.answered(9, false, at(200s)).ask.at == at(210s));
}

}  // namespace longshore::consul
