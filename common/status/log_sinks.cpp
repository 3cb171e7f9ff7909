#include "common/status/log_sinks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <mutex>

#include "common/base/text.h"

namespace longshore::status {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
// %* is the offset and the level as consul-template writes them.
constexpr const char* kPeerPattern = "%Y-%m-%dT%H:%M:%S.%e%* %v";

// Go's Z0700: "Z", or "+0100".
class PeerZone final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& when, spdlog::memory_buf_t& out) override {
    char text[32];
    const std::size_t size = when.tm_gmtoff == 0 ? 0 : std::strftime(text, sizeof text, "%z", &when);
    std::string head = size == 0 ? "Z" : std::string(text, size);
    head += " [";
    head += level(message.level);
    head += "]";
    out.append(head.data(), head.data() + head.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override { return std::make_unique<PeerZone>(); }

 private:
  static const char* level(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::trace:
        return "TRACE";
      case spdlog::level::debug:
        return "DEBUG";
      case spdlog::level::info:
        return "INFO";
      case spdlog::level::warn:
        return "WARN";
      default:
        return "ERR";
    }
  }
};

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(LogFileOptions options) : options_(std::move(options)) {
    const fs::path path(options_.path);
    directory_ = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    const fs::path name = path.filename().empty() ? fs::path("consul-template.log") : path.filename();
    stem_ = name.stem().string() + "-";
    extension_ = name.extension().empty() ? ".log" : name.extension().string();
    if (options_.duration.count() <= 0) options_.duration = std::chrono::hours(24);
  }
  ~FileSink() override { close(); }

  Status open_next() {
    close();
    remove_older();
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const auto nanoseconds = static_cast<long long>(now.tv_sec) * 1000000000 + now.tv_nsec;
    const std::string path = (directory_ / (stem_ + std::to_string(nanoseconds) + extension_)).string();
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd_ < 0) return fail(base::system_error("log file " + path, errno));
    written_ = 0;
    opened_ = std::chrono::steady_clock::now();
    return {};
  }

 protected:
  // A full disk costs log lines, nothing else.
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const bool full = options_.bytes > 0 && written_ >= options_.bytes;
    if (fd_ < 0 || full || std::chrono::steady_clock::now() - opened_ >= options_.duration)
      if (!open_next()) return;
    const ssize_t size = ::write(fd_, line.data(), line.size());
    if (size > 0) written_ += size;
  }
  void flush_() override {}

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  void remove_older() const {
    if (options_.older_files == 0) return;
    std::vector<std::string> older;
    std::error_code error;
    for (fs::directory_iterator each(directory_, error), end; !error && each != end; each.increment(error)) {
      const std::string name = each->path().filename().string();
      if (name.starts_with(stem_) && name.ends_with(extension_)) older.push_back(name);
    }
    std::ranges::sort(older);
    const auto keep = static_cast<std::size_t>(std::max<std::int64_t>(options_.older_files, 0));
    for (std::size_t i = 0; i + keep < older.size(); ++i) fs::remove(directory_ / older[i], error);
  }

  LogFileOptions options_;
  fs::path directory_;
  std::string stem_, extension_;
  int fd_ = -1;
  std::int64_t written_ = 0;
  std::chrono::steady_clock::time_point opened_{};
};

class SyslogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  SyslogSink(int facility, std::string name) : name_(std::move(name)) { ::openlog(name_.c_str(), LOG_PID, facility); }
  ~SyslogSink() override { ::closelog(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    int priority = LOG_ERR;
    if (message.level == spdlog::level::warn) priority = LOG_WARNING;
    if (message.level == spdlog::level::info) priority = LOG_INFO;
    if (message.level < spdlog::level::info) priority = LOG_DEBUG;
    ::syslog(priority, "%.*s", static_cast<int>(line.size()), line.data());
  }
  void flush_() override {}

 private:
  std::string name_;  // syslog(3) keeps the pointer
};

constexpr std::array kFacilities = std::to_array<std::pair<std::string_view, int>>({
    {"KERN", LOG_KERN},     {"USER", LOG_USER},     {"MAIL", LOG_MAIL},         {"DAEMON", LOG_DAEMON},
    {"AUTH", LOG_AUTH},     {"SYSLOG", LOG_SYSLOG}, {"LPR", LOG_LPR},           {"NEWS", LOG_NEWS},
    {"UUCP", LOG_UUCP},     {"CRON", LOG_CRON},     {"AUTHPRIV", LOG_AUTHPRIV}, {"FTP", LOG_FTP},
    {"LOCAL0", LOG_LOCAL0}, {"LOCAL1", LOG_LOCAL1}, {"LOCAL2", LOG_LOCAL2},     {"LOCAL3", LOG_LOCAL3},
    {"LOCAL4", LOG_LOCAL4}, {"LOCAL5", LOG_LOCAL5}, {"LOCAL6", LOG_LOCAL6},     {"LOCAL7", LOG_LOCAL7},
});

}  // namespace

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  if (format == LogFormat::consul_template) {
    auto peer = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::local, "\n");
    peer->add_flag<PeerZone>('*').set_pattern(kPeerPattern);
    return peer;
  }
  const char* pattern = format == LogFormat::json ? kJsonPattern : kTextPattern;
  return std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc, "\n");
}

std::unique_ptr<spdlog::formatter> make_syslog_formatter() {
  return std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "");
}

Result<std::shared_ptr<spdlog::sinks::sink>> make_file_sink(LogFileOptions options) {
  auto sink = std::make_shared<FileSink>(std::move(options));
  LS_TRY_STATUS(sink->open_next());
  return std::shared_ptr<spdlog::sinks::sink>(std::move(sink));
}

Result<std::shared_ptr<spdlog::sinks::sink>> make_syslog_sink(const SyslogOptions& options) {
  for (const auto& [name, number] : kFacilities)
    if (base::equal_ignore_case_ascii(name, options.facility))
      return std::shared_ptr<spdlog::sinks::sink>(std::make_shared<SyslogSink>(number, options.name));
  std::string text = "invalid syslog facility \"" + options.facility + "\": use one of";
  for (const auto& [name, number] : kFacilities) text += ' ' + std::string(name);
  return fail(Errc::invalid_input, std::move(text));
}

}  // namespace longshore::status
