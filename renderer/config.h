// All that a renderer is told, validated: options.cpp makes it from a command line, tests make it by hand.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/consul/client.h"
#include "common/status/log.h"
#include "renderer/core/machine.h"
#include "renderer/io/watcher.h"

namespace longshore::render {

struct RenderConfig;
// Reads the configuration again; an error leaves everything as it is.
using Reread = std::function<Result<RenderConfig>()>;

struct RenderConfig {
  MachineSettings machine;
  consul::ClientSettings consul;
  WatchSettings watch;
  std::string kv_prefix = "longshore/";     // of withdrawal notes and drains
  std::string renderer_id = {};             // of our record there; "" = renderer_id()
  std::string state_dir = {};               // "" = none
  bool state_dir_optional = false;          // nobody asked for that one: where it cannot be made, there is none
  std::string reload_executable = "nginx";  // whom the reload pid file may name; "" = anybody
  bool retire_workers = false;              // see io/nginx_workers.h; after commands and reload signals
  Environment command_environment = {};     // of commands, all of it
  bool inherit_output = false;              // commands write to our stdout and stderr
  std::size_t probes_at_once = 64;
  Reread reread = {};  // may be empty: then a reload reads the templates only
};

}  // namespace longshore::render
