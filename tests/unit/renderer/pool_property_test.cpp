// Laws of the watch pool, by random histories against a model: whatever changes, in whatever order answers arrive, are
// lost or lie, in the end every dependency shows what the store has, and no more queries are parked than allowed.
#include <doctest/doctest.h>

#include <cstdlib>

#include "renderer/watch/pool.h"
#include "tests/unit/renderer/model_consul.h"

using namespace longshore;
using namespace longshore::render;
using longshore::render::test::ModelConsul;

namespace {

struct Shape {
  std::size_t parked;
  int services, nodes, keys;
  const char* strategy;  // part of how() of a covered service
};

class History {
 public:
  History(Shape shape, std::uint64_t seed)
      : shape_(shape),
        chance_(seed),
        pool_({.parked = shape.parked,
               .reads_at_once = 4,
               .probes_per_ask = 5,
               .prints_from = 12,
               .probes_beside = 2,
               .seed = seed}) {
    for (int i = 0; i < shape_.services; ++i)
      for (int node = 0; node < shape_.nodes; ++node)
        if (one_of(3) != 0) consul_.put(service(i), "n" + std::to_string(node), "v0");
    for (int i = 0; i < shape_.keys; ++i) consul_.put_key(key(i), "v0");
    for (int i = 0; i < shape_.services; ++i) watch({.name = service(i)});
    for (int i = 0; i < shape_.keys; ++i) watch({.kind = Dependency::Kind::key, .name = key(i)});
  }

  void run(int steps, bool troubles) {
    for (int i = 0; i < steps; ++i) {
      const std::uint64_t dice = one_of(100);
      if (dice < 20)
        change();
      else if (dice < 55)
        serve();
      else if (dice < 90)
        deliver();
      else if (dice < 96)
        pass(std::chrono::milliseconds(one_of(400)));
      else if (troubles && dice == 96)
        lose();
      else if (troubles && dice == 97 && one_of(20) == 0)
        consul_.restart(one_of(3) == 0), drop_parked();
      else if (dice == 98)
        rewatch();
      else
        deliver();
      check_budget();
    }
  }

  // No more changes: everything that can be answered is, time passes, and no wait runs out.
  void calm() {
    waits_run_out_ = false;
    for (int quiet = 0; quiet < 30;) {
      if (serve() || deliver()) continue;
      pass(std::chrono::seconds(1));
      ++quiet;
    }
    waits_run_out_ = true;
  }

  // The same, and waits run out.
  void settle() {
    for (int round = 0; round < 6; ++round) {
      calm();
      for (auto& [id, open] : open_)
        if (open.arrived && !open.answer) open.answer = consul_.answer(open.ask, false);
    }
    while (serve() || deliver()) continue;
  }

  void check_all() {
    for (const auto& [on, entry] : pool_.entries()) {
      INFO(to_string(on), " how: ", pool_.how(entry));
      REQUIRE(entry.known);
      CHECK(shown_[on] == consul_.see(on));
      CHECK_FALSE(entry.failing);
    }
  }
  void check_budget() {
    std::size_t parked = 0;
    for (const auto& [id, ask] : open_) parked += ask.ask.index != 0 ? 1 : 0;
    REQUIRE(parked <= shape_.parked);
  }
  bool uses(const char* strategy) const {
    for (const auto& [on, entry] : pool_.entries())
      if (on.kind == Dependency::Kind::service && pool_.how(entry).find(strategy) != std::string::npos) return true;
    return false;
  }
  std::uint64_t prints() const { return pool_.prints(); }
  void lose_node() { consul_.remove_node("n0"); }

 private:
  struct Open {
    Ask ask;
    bool arrived = false;
    std::uint64_t mark = 0;  // parked since this index
    std::optional<ModelConsul::Answer> answer;
  };

  static std::string service(int i) { return "svc" + std::to_string(i); }
  static std::string key(int i) { return "app/k" + std::to_string(i); }
  std::uint64_t one_of(std::uint64_t count) { return chance_.next() % count; }

  void watch(Dependency on) { obey(pool_.start(on, now_), nullptr); }

  void obey(const pool::Actions& actions, const ModelConsul::Answer* answer) {
    for (const pool::Action& action : actions) {
      if (const auto* start = std::get_if<pool::Start>(&action))
        open_[start->ask.id] = {start->ask, false, 0, {}};
      else if (const auto* cancel = std::get_if<pool::Cancel>(&action))
        open_.erase(cancel->id);
      else if (const auto* publish = std::get_if<pool::Publish>(&action)) {
        REQUIRE(answer != nullptr);
        shown_[publish->on] = answer->data;
      }
    }
  }

  void change() {
    const std::string name = service(static_cast<int>(one_of(static_cast<std::uint64_t>(shape_.services))));
    const std::string node = "n" + std::to_string(one_of(static_cast<std::uint64_t>(shape_.nodes) + 1));
    switch (one_of(12)) {
      case 0:
      case 1:
        consul_.remove(name, node);
        break;
      case 2:
      case 3:
      case 4:
        consul_.set_check(name, node, one_of(3) == 0 ? "passing" : one_of(2) == 0 ? "critical" : "warning");
        break;
      case 5:
        if (one_of(8) == 0) consul_.remove_node(node);
        break;
      case 6:
      case 7:
        if (shape_.keys > 0)
          consul_.put_key(key(static_cast<int>(one_of(static_cast<std::uint64_t>(shape_.keys)))),
                          "v" + std::to_string(++version_));
        break;
      default:
        consul_.put(name, node, "v" + std::to_string(++version_));
    }
  }

  // The server takes a look at one ask; true if that got an answer on its way.
  bool serve() {
    std::vector<Open*> servable;
    for (auto& [id, open] : open_) {
      if (open.answer) continue;
      if (!open.arrived || consul_.wakes(open.ask, open.mark)) servable.push_back(&open);
    }
    if (servable.empty()) return false;
    Open& chosen = *servable[one_of(servable.size())];
    const bool first = !chosen.arrived;
    chosen.answer = consul_.answer(chosen.ask, first);
    chosen.arrived = true;
    chosen.mark = consul_.now();
    return true;
  }

  bool deliver() {
    std::vector<std::uint64_t> ready;
    for (const auto& [id, open] : open_)
      if (open.answer) ready.push_back(id);
    if (ready.empty()) return false;
    const std::uint64_t id = ready[one_of(ready.size())];
    const Open open = open_.at(id);
    open_.erase(id);
    now_ += std::chrono::milliseconds(1);
    if (open.ask.kind == Ask::Kind::probes)
      obey(pool_.probed(id, open.answer->indexes, now_), nullptr);
    else
      obey(pool_.answered(id, open.answer->index, true, open.answer->marks, now_), &*open.answer);
    return true;
  }

  void lose() {
    if (open_.empty()) return;
    auto at = open_.begin();
    std::advance(at, static_cast<long>(one_of(open_.size())));
    const std::uint64_t id = at->first;
    open_.erase(at);
    obey(pool_.failed(id, {Errc::unreachable, "reset"}, now_), nullptr);
  }
  // A restarted server has no parked queries: they end with errors.
  void drop_parked() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, open] : open_) ids.push_back(id);
    for (const std::uint64_t id : ids) {
      if (open_.erase(id) != 0) obey(pool_.failed(id, {Errc::unreachable, "reset"}, now_), nullptr);
    }
  }
  void rewatch() {
    const Dependency on{.name = service(static_cast<int>(one_of(static_cast<std::uint64_t>(shape_.services))))};
    obey(pool_.stop(on, now_), nullptr);
    shown_.erase(on);
    pass(std::chrono::milliseconds(one_of(50)));
    watch(on);
  }

  void pass(base::Duration duration) {
    const base::TimePoint end = now_ + duration;
    for (int rounds = 0; rounds < 1000; ++rounds) {
      const auto wake = pool_.next_wake();
      if (!wake || *wake > end) break;
      now_ = std::max(now_, *wake);
      obey(pool_.tick(now_), nullptr);
    }
    now_ = end;
    // Waits that are over answer with the index as it is.
    for (auto& [id, open] : open_)
      if (waits_run_out_ && open.arrived && !open.answer && open.ask.index != 0 && one_of(60) == 0)
        open.answer = consul_.answer(open.ask, false);
  }

  Shape shape_;
  policy::Random chance_;
  ModelConsul consul_;
  WatchPool pool_;
  base::TimePoint now_{std::chrono::hours(1)};
  std::map<std::uint64_t, Open> open_;
  std::map<Dependency, std::string> shown_;
  int version_ = 0;
  bool waits_run_out_ = true;
};

// LONGSHORE_TEST_SEED runs one seed, as a failure names it; LONGSHORE_TEST_SEEDS so many.
std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("LONGSHORE_TEST_SEED")) return {std::strtoull(one, nullptr, 10)};
  if (const char* more = std::getenv("LONGSHORE_TEST_SEEDS")) count = std::strtoull(more, nullptr, 10);
  std::vector<std::uint64_t> out;
  for (std::uint64_t seed = 1; seed <= count; ++seed) out.push_back(seed);
  return out;
}

constexpr Shape kShapes[] = {
    {100, 20, 3, 10, "own query"},   // everything fits
    {22, 40, 3, 3, "lists of"},      // few nodes
    {14, 40, 12, 3, "any service"},  // many nodes
    {12, 4, 2, 60, "own query"},     // many keys
    {13, 30, 4, 30, "any service"},  // many of both
};

}  // namespace

TEST_CASE("property: in the end everything shows what the store has, whatever the order of answers") {
  for (const Shape& shape : kShapes)
    for (const std::uint64_t seed : seeds(60)) {
      INFO("LONGSHORE_TEST_SEED=", seed, " parked=", shape.parked, " services=", shape.services,
           " nodes=", shape.nodes);
      History history(shape, seed);
      history.run(3000, false);
      // Nothing may have to wait for the end of a parked query that nobody will wake.
      history.calm();
      history.check_all();
      history.lose_node();
      history.calm();
      history.check_all();
      history.settle();
      history.check_all();
    }
}

TEST_CASE("property: also when answers are lost, servers restarted, emptied or swapped") {
  for (const Shape& shape : kShapes)
    for (const std::uint64_t seed : seeds(60)) {
      INFO("LONGSHORE_TEST_SEED=", seed, " parked=", shape.parked, " services=", shape.services,
           " nodes=", shape.nodes);
      History history(shape, seed);
      history.run(3000, true);
      history.settle();
      history.check_all();
    }
}

TEST_CASE("each shape of the histories uses the strategy that it is there for") {
  for (const Shape& shape : kShapes) {
    History history(shape, 1);
    history.settle();
    history.check_all();
    INFO("parked=", shape.parked, " nodes=", shape.nodes);
    CHECK(history.uses(shape.strategy));
    history.run(1000, false);
    const bool many_nodes = std::string_view(shape.strategy).starts_with("any service");
    CHECK((history.prints() > 0) == many_nodes);
  }
}
