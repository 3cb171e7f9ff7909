// Where log lines go besides stderr, and what they look like. Inside common/status only.
#pragma once
#include "common/status/log.h"
#include "common/status/spdlog_levels.h"

namespace longshore::status {

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format);
// The line alone: syslog has time and level of its own.
std::unique_ptr<spdlog::formatter> make_syslog_formatter();

Result<std::shared_ptr<spdlog::sinks::sink>> make_file_sink(LogFileOptions options);
Result<std::shared_ptr<spdlog::sinks::sink>> make_syslog_sink(const SyslogOptions& options);

}  // namespace longshore::status
