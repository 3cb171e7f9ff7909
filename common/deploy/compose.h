// A Compose file, and the rancher-compose.yml beside it, as what a deploy makes containers of. Versions 1 (services at
// the top) and 2 or 3 (below `services`). What is not understood is an error, never left out in silence. Pure.
// Sources: Docker's Compose file reference; Rancher 1.6, "Rancher Compose".
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/json/json.h"

namespace longshore::deploy {

struct ComposeService {
  std::string name;
  std::string image;
  int scale = 0;             // of rancher-compose.yml, or deploy.replicas; 0 = not said
  bool pull_always = false;  // io.rancher.container.pull_image
  bool balancer = false;     // one of Rancher's load balancers: not started, its targets are the others' labels
  std::vector<std::string> after = {};  // links and depends_on
  // As GET /containers/<id>/json shows a container: Config and HostConfig, for create_body().
  json::Value model;
};

using Variable = std::function<std::optional<std::string>(const std::string& name)>;

// In an order in which each comes after those that it links to. `compose`, `rancher` (null: there is none): the files'
// contents. `stack`: a name for what belongs together. $NAME, ${NAME} and ${NAME:-default} are replaced. invalid_input
// names the place.
Result<std::vector<ComposeService>> read_compose(const json::Value& compose, const json::Value& rancher,
                                                 const std::string& stack, const Variable& variable);

}  // namespace longshore::deploy
