// The renderer's place in a supervisor.
#pragma once
#include "common/main/component.h"
#include "renderer/load.h"
#include "renderer/renderer.h"

namespace longshore::app {

class RenderComponent {
 public:
  RenderComponent(const async::Executor& executor, render::RenderConfig config, const status::Log& log,
                  render::RendererSeams seams = {});
  // Refers to this.
  Component component(std::optional<net::Endpoint> status_address);
  const render::RenderMachine& machine() const { return renderer_.machine(); }

 private:
  status::Log log_;
  std::string consul_;
  render::Renderer renderer_;
};

}  // namespace longshore::app
