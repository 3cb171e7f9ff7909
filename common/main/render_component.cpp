#include "common/main/render_component.h"

namespace longshore::app {

RenderComponent::RenderComponent(const async::Executor& executor, render::RenderConfig config, const status::Log& log,
                                 render::RendererSeams seams)
    : log_(log.named("render")),
      consul_(net::to_string(config.consul.endpoint)),
      renderer_(executor, std::move(config), log_, std::move(seams)) {}

Component RenderComponent::component(std::optional<net::Endpoint> status_address) {
  Component component;
  component.name = "render";
  component.run = [this] { return renderer_.run(); };
  component.request_stop = [this] { renderer_.request_stop(); };
  component.request_reload = [this] { renderer_.request_reload(); };
  component.forward = [this](int number) { renderer_.forward(number); };
  component.end_now = [this] { renderer_.kill_child(); };
  component.stop_limit = [this] { return renderer_.stop_limit(); };
  component.source = renderer_.source();
  component.status_address = std::move(status_address);
  component.address = [this] { return consul_; };
  return component;
}

}  // namespace longshore::app
