#include "renderer/io/nginx_workers.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "common/async/task_group.h"
#include "renderer/io/proc.h"

using namespace longshore;
using namespace longshore::render;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// A child of this test that waits for ever under the title of a process of nginx.
class Actor {
 public:
  explicit Actor(std::string title) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    writer_.reset(ends[1]);
    const Descriptor reader(ends[0]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, reader.get(), STDIN_FILENO);
    char* arguments[] = {title.data(), nullptr};
    char* none[] = {nullptr};
    const int error = ::posix_spawn(&pid_, "/bin/cat", &actions, nullptr, arguments, none);
    ::posix_spawn_file_actions_destroy(&actions);
    REQUIRE(error == 0);
    // posix_spawn returns when the old program's memory is given up, a moment before the new title is there.
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (process_title(pid_) != title && std::chrono::steady_clock::now() < end) ::usleep(100);
    REQUIRE(process_title(pid_) == title);
  }
  ~Actor() {
    if (ended_ != 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  pid_t pid() const { return pid_; }
  // The signal that ended it; 0 while it runs.
  int ended_by() {
    int status = 0;
    if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_) ended_ = WIFSIGNALED(status) ? WTERMSIG(status) : -1;
    return ended_;
  }

 private:
  pid_t pid_ = -1;
  Descriptor writer_;
  int ended_ = 0;
};

constexpr const char* kWorker = "nginx: worker process";

struct Retirement {
  boost::asio::io_context loop;
  async::TaskGroup tasks{loop.get_executor()};
  std::optional<std::size_t> told;

  async::Awaitable<void> go(WorkerGeneration before, base::Duration limit) {
    told = co_await retire(std::move(before), limit);
  }
  void start(WorkerGeneration before, base::Duration limit) {
    tasks.spawn("test", go(std::move(before), limit));
    turn();
  }
  void turn() {
    loop.restart();
    loop.run_for(milliseconds(30));
  }
  void finish() {
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    while (!told && std::chrono::steady_clock::now() < end) turn();
    REQUIRE(told);
  }
};

bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + seconds(20);
  while (!holds() && std::chrono::steady_clock::now() < end) ::usleep(1000);
  return holds();
}

WorkerGeneration now_here() {
  return workers_of(::getpid());
}

}  // namespace

TEST_CASE("old workers finish when as many new ones are there; others are left alone") {
  Actor one(kWorker), two(kWorker), manager("nginx: cache manager process");
  Actor leaving("nginx: worker process is shutting down");
  WorkerGeneration before = now_here();
  REQUIRE(before.workers.size() == 2);

  Retirement run;
  run.start(std::move(before), seconds(20));
  CHECK_FALSE(run.told);
  CHECK(one.ended_by() == 0);

  Actor three(kWorker), four(kWorker);
  run.finish();
  CHECK(*run.told == 2);
  CHECK(eventually([&] { return one.ended_by() == SIGQUIT; }));
  CHECK(eventually([&] { return two.ended_by() == SIGQUIT; }));
  for (Actor* other : {&three, &four, &manager, &leaving}) CHECK(other->ended_by() == 0);
}

TEST_CASE("fewer new workers than old ones are enough after a moment") {
  Actor one(kWorker), two(kWorker);
  Retirement run;
  run.start(now_here(), seconds(20));
  Actor three(kWorker);
  run.finish();
  CHECK(*run.told == 2);
  CHECK(three.ended_by() == 0);
}

TEST_CASE("without a reload nobody is told") {
  Actor one(kWorker);
  Retirement run;
  run.start(now_here(), milliseconds(50));
  run.finish();
  CHECK(*run.told == 0);
  CHECK(one.ended_by() == 0);
}

TEST_CASE("a worker that has ended meanwhile is nobody else's pid") {
  Actor one(kWorker), two(kWorker);
  WorkerGeneration before = now_here();
  ::kill(one.pid(), SIGKILL);
  REQUIRE(eventually([&] { return one.ended_by() == SIGKILL; }));
  Actor three(kWorker), four(kWorker);
  Retirement run;
  run.start(std::move(before), seconds(20));
  run.finish();
  CHECK(*run.told == 1);
  CHECK(eventually([&] { return two.ended_by() == SIGQUIT; }));
}

TEST_CASE("a master is known by its title") {
  Actor master("nginx: master process /usr/sbin/nginx -g daemon off;"), other("nginx-exporter");
  CHECK(is_nginx_master(master.pid()));
  CHECK_FALSE(is_nginx_master(other.pid()));
  CHECK_FALSE(is_nginx_master(1 << 22));
}
