#include "common/main/health_target.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace longshore::app {
namespace {

namespace fs = std::filesystem;

// A folder that shows a process 1.
class Proc {
 public:
  Proc() : path_(fs::temp_directory_path() / ("longshore-health-XXXXXX")) {
    std::string pattern = path_.string();
    path_ = ::mkdtemp(pattern.data());
    fs::create_directories(path_ / "1");
  }
  ~Proc() { fs::remove_all(path_); }
  Proc(const Proc&) = delete;
  Proc& operator=(const Proc&) = delete;

  void is(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {}) const {
    write("1/cmdline", argv);
    write("1/environ", environment);
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  std::string path() const { return path_; }
  HealthTarget target(const cli::Environment& own = {}) const {
    return health_target(read_first_process(own, path()), own);
  }

 private:
  void write(const std::string& name, const std::vector<std::string>& words) const {
    std::ofstream out(path_ / name, std::ios::binary);
    for (const std::string& word : words) out << word << '\0';
  }

  fs::path path_;
};

TEST_CASE("beside a longshore that is process 1 that one is asked, where it was told to serve its pages") {
  const Proc proc;
  struct Row {
    std::vector<std::string> argv, environment;
    const char* address;
    const char* runs;
  };
  const std::string hcl = proc.file("render.hcl", "http_addr = \"127.0.0.1:9001\"\n");
  const std::string agent = proc.file("agent.hcl", "agent {\n  http_addr = \"127.0.0.1:9002\"\n}\n");
  const std::string broken = proc.file("broken.hcl", "http_addr = \nagent {");
  const std::string program = "/usr/bin/longshore";
  const Row rows[] = {
      {{program, "agent", "consul:"}, {}, "127.0.0.1:8511", "longshore agent"},
      {{program, "agent", "consul:", "-http-addr", "127.0.0.1:1"}, {}, "127.0.0.1:1", "longshore agent"},
      {{program, "agent", "-config", agent}, {}, "127.0.0.1:9002", "longshore agent"},
      {{program, "agent"}, {"LONGSHORE_AGENT_HTTP_ADDR=127.0.0.1:2"}, "127.0.0.1:2", "longshore agent"},
      {{program, "agent"}, {"LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:2"}, "127.0.0.1:8511", "longshore agent"},
      {{program, "render"}, {}, "127.0.0.1:8512", "longshore render"},
      {{program, "render"}, {"LONGSHORE_HTTP_ADDR=127.0.0.1:3"}, "127.0.0.1:3", "longshore render"},
      {{program, "render"},
       {"LONGSHORE_HTTP_ADDR=127.0.0.1:3", "LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:4"},
       "127.0.0.1:4",
       "longshore render"},
      {{program, "render", "-config", hcl, "-template", "a:b"}, {}, "127.0.0.1:9001", "longshore render"},
      // Who runs keeps what was.
      {{program, "render", "-config", broken}, {}, "127.0.0.1:8512", "longshore render"},
      {{program, "agent", "-config", broken}, {}, "127.0.0.1:8511", "longshore agent"},
      {{program, "render", "-http-addr", ""}, {}, "", "longshore render"},
      {{program, "render", "-once"}, {}, "", "longshore render"},
      {{program, "registry"}, {}, "127.0.0.1:8500", "longshore registry"},
      {{program, "registry", "-http-addr", "10.0.0.1"}, {}, "10.0.0.1:8500", "longshore registry"},
      {{program, "docker-proxy", "-listen", "/s"}, {}, "127.0.0.1:8514", "longshore docker-proxy"},
      {{program, "up"}, {"LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:3"}, "127.0.0.1:8511", "longshore up"},
      {{program, "up", "-agent-addr="}, {}, "127.0.0.1:8500", "longshore up"},
      {{program, "drain", "books"}, {}, "", "longshore drain"},
      {{program}, {}, "", "longshore"},
      // The peers' names have pages only where the variable asks for them.
      {{"/bin/registrator", "-internal", "consul:"},
       {"LONGSHORE_AGENT_HTTP_ADDR=127.0.0.1:5"},
       "127.0.0.1:5",
       "longshore agent"},
      {{"consul-template", "-template", "a:b"},
       {"LONGSHORE_RENDER_HTTP_ADDR=127.0.0.1:6"},
       "127.0.0.1:6",
       "longshore render"},
      {{"consul-template"}, {"LONGSHORE_HTTP_ADDR=127.0.0.1:6"}, "", "longshore render"},
      // docker run --init
      {{"/sbin/docker-init", "--", program, "render"}, {}, "127.0.0.1:8512", "longshore render"},
  };
  for (const Row& row : rows) {
    std::string words;
    for (const std::string& word : row.argv) words += word + " ";
    CAPTURE(words);
    proc.is(row.argv, row.environment);
    CHECK(proc.target({{"LONGSHORE_HTTP_ADDR", row.environment.empty() ? "" : "of-the-check:1"}}) ==
          HealthTarget{row.address, row.runs});
  }
}

TEST_CASE("its variables are those of the check where they cannot be seen") {
  const Proc proc;
  proc.is({"longshore", "render"});
  CHECK(proc.target({{"LONGSHORE_RENDER_HTTP_ADDR", "127.0.0.1:4"}}).address == "127.0.0.1:4");
}

TEST_CASE("elsewhere the variables say who is asked, else it is the agent") {
  const Proc proc;
  for (const std::vector<std::string>& argv :
       {std::vector<std::string>{"/sbin/init"}, {"python3", "longshore"}, {"sh", "--", "true"}, {"sh", "--"}, {}}) {
    proc.is(argv);
    CHECK(proc.target() == HealthTarget{"127.0.0.1:8511"});
    CHECK(proc.target({{"LONGSHORE_PROXY_HTTP_ADDR", "h:1"}}).address == "h:1");
    CHECK(proc.target({{"LONGSHORE_PROXY_HTTP_ADDR", "h:1"}, {"LONGSHORE_REGISTRY_HTTP_ADDR", "h:2"}}).address ==
          "h:2");
    CHECK(proc.target({{"LONGSHORE_REGISTRY_HTTP_ADDR", "h:2"}, {"LONGSHORE_RENDER_HTTP_ADDR", "h:3"}}).address ==
          "h:3");
    CHECK(proc.target({{"LONGSHORE_RENDER_HTTP_ADDR", "h:3"}, {"LONGSHORE_AGENT_HTTP_ADDR", "h:4"}}).address == "h:4");
    CHECK(proc.target({{"LONGSHORE_AGENT_HTTP_ADDR", ""}, {"LONGSHORE_RENDER_HTTP_ADDR", "h:3"}}).address == "h:3");
    CHECK(proc.target({{"LONGSHORE_AGENT_HTTP_ADDR", "h:4"}, {"LONGSHORE_HTTP_ADDR", "h:5"}}).address == "h:5");
  }
  CHECK(health_target(read_first_process({}, proc.path() + "/nowhere"), {}) == HealthTarget{"127.0.0.1:8511"});
}

}  // namespace
}  // namespace longshore::app
