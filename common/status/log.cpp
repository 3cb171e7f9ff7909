#include "common/status/log.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include "common/status/log_sinks.h"
#include "common/status/spdlog_levels.h"

#include <algorithm>
#include <mutex>

namespace longshore::status {
namespace {

constexpr int kPatienceMs = 20;
// Linux: a pipe that polls writable takes this many bytes without blocking (PIPE_BUF).
constexpr std::size_t kAtomicWrite = 4096;

spdlog::level::level_enum to_spdlog(base::Level level) {
  switch (level) {
    case base::Level::trace:
      return spdlog::level::trace;
    case base::Level::debug:
      return spdlog::level::debug;
    case base::Level::info:
      return spdlog::level::info;
    case base::Level::warn:
      return spdlog::level::warn;
    case base::Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// The descriptor may be a terminal or a pipe shared with others, so it is not made non-blocking: it is asked first.
class PatientSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit PatientSink(int descriptor) : descriptor_(descriptor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!writable()) {
      ++dropped_;
      return;
    }
    spdlog::memory_buf_t line;
    if (torn_) line.push_back('\n');
    torn_ = false;
    if (dropped_ != 0) {
      const std::string note = fmt::format("level=warn event=log_lines_dropped count={}\n", dropped_);
      line.append(note.data(), note.data() + note.size());
      dropped_ = 0;
    }
    formatter_->format(message, line);
    write_all(line.data(), line.size());
  }
  void flush_() override {}

 private:
  bool writable() {
    pollfd asked{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&asked, 1, stuck_ ? 0 : kPatienceMs);
    stuck_ = ready == 0;
    return ready > 0;
  }

  void write_all(const char* data, std::size_t size) {
    while (size != 0) {
      const ssize_t written = ::write(descriptor_, data, std::min(size, kAtomicWrite));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // the reader is gone
      data += written;
      size -= static_cast<std::size_t>(written);
      if (size != 0 && !writable()) {
        torn_ = true;
        ++dropped_;
        return;
      }
    }
  }

  int descriptor_;
  bool stuck_ = false;
  bool torn_ = false;  // the last line was cut: the next one starts with a newline
  std::uint64_t dropped_ = 0;
};

// The component "registrator" asks for the peers' form, and that peer wrote by Go's standard logger: local time to the
// second and a sentence.
constexpr std::string_view kRegistrator = "registrator";
constexpr const char* kGoPattern = "%Y/%m/%d %H:%M:%S %v";

bool as_registrator(const LogOptions& options) {
  return options.format == LogFormat::consul_template && options.component == kRegistrator;
}

// A line without an event is a sentence of the peer's own; all others keep their level and words.
std::string registrator_body(const base::LogLine& line, const std::string& component) {
  if (line.event.empty() && !line.fields.empty()) return line.fields.front().second;
  return "level=" + std::string(base::to_string(line.level)) + " " + log_body(line, component, LogFormat::key_value);
}

std::shared_ptr<spdlog::logger> make_logger(const LogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("longshore", std::make_shared<PatientSink>(options.descriptor));
  if (as_registrator(options))
    logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(kGoPattern, spdlog::pattern_time_type::local, "\n"));
  else
    logger->set_formatter(make_formatter(options.format));
  logger->set_level(to_spdlog(options.level));
  // The default handler writes to stderr, which is what failed.
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

}  // namespace

struct Log::State {
  std::shared_ptr<spdlog::logger> logger;
  std::string component;
  LogFormat format;
  bool as_registrator = false;
};

Log::Log(LogOptions options)
    : state_(std::make_shared<State>(
          State{make_logger(options), options.component, options.format, as_registrator(options)})) {}

Log::~Log() = default;

void Log::write(const base::LogLine& line) {
  if (!enabled(line.level)) return;
  const std::string body = state_->as_registrator ? registrator_body(line, state_->component)
                                                  : log_body(line, state_->component, state_->format);
  state_->logger->log(to_spdlog(line.level), spdlog::string_view_t(body.data(), body.size()));
}

bool Log::enabled(base::Level level) const {
  return state_->logger->should_log(to_spdlog(level));
}

void Log::set_level(base::Level level) {
  state_->logger->set_level(to_spdlog(level));
}

Status Log::add_file(LogFileOptions options) {
  LS_TRY(sink, make_file_sink(std::move(options)));
  sink->set_formatter(make_formatter(state_->format));
  state_->logger->sinks().push_back(std::move(sink));
  return {};
}

Status Log::add_syslog(const SyslogOptions& options) {
  LS_TRY(sink, make_syslog_sink(options));
  sink->set_formatter(make_syslog_formatter());
  state_->logger->sinks().push_back(std::move(sink));
  return {};
}

Log Log::named(std::string component) const {
  Log other(*this);
  other.state_ =
      std::make_shared<State>(State{state_->logger, std::move(component), state_->format, state_->as_registrator});
  return other;
}

}  // namespace longshore::status
