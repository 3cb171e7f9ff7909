// Includes spdlog with one word per level, as everywhere else here. The macro must be the same wherever spdlog is
// compiled.
#pragma once
#define SPDLOG_LEVEL_NAMES \
  { "trace", "debug", "info", "warn", "error", "critical", "off" }
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
