// The renderer as a component of a process: obeys a RenderMachine. Lives on one executor and one thread.
#pragma once
#include <memory>

#include "common/async/executor.h"
#include "common/status/log.h"
#include "common/status/source.h"
#include "renderer/config.h"
#include "renderer/io/file_store.h"
#include "renderer/io/probe.h"
#include "renderer/io/process.h"

namespace longshore::render {

// What tests put in the place of the real world; an empty one is the real one.
struct RendererSeams {
  std::shared_ptr<Files> files = {};
  std::shared_ptr<Processes> processes = {};
  std::shared_ptr<Prober> prober = {};
};

class Renderer {
 public:
  // `log` outlives this.
  Renderer(async::Executor executor, RenderConfig config, status::Log& log, RendererSeams seams = {});
  // run() must have ended, or be destroyed with its io_context.
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // Until the work is done (-once) or request_stop(); the exit code. Once.
  async::Awaitable<int> run();
  // Ends in order: what was written gets its commands, within the machine's deadline. A second call ends at once.
  void request_stop();
  // Reads configuration and templates again; data, watches, running commands and the supervised program stay. A
  // configuration that cannot be read leaves everything as it is.
  void request_reload();
  // A signal that is meant for the supervised program; without one nothing happens.
  void forward(int signal_number);
  // The process ends now: leave no program behind.
  void kill_child();
  // How long a stop may take because of the supervised program: its kill timeout and a bit; 0 without one.
  base::Duration stop_limit() const;
  status::Source source();
  const RenderMachine& machine() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace longshore::render
