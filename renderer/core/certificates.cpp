#include "renderer/core/certificates.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace longshore::render {
namespace {

constexpr int kNotIt = 9;

// "*.example.org" of "shop.example.org"; "" for a wildcard and for a single label.
std::string wildcard_above(std::string_view host) {
  const std::size_t dot = host.find('.');
  if (host.starts_with("*.") || dot == std::string_view::npos) return {};
  return "*" + std::string(host.substr(dot));
}

bool names(const Certificate& one, std::string_view host) {
  return std::ranges::find(one.hosts, host) != one.hosts.end();
}

// The lower the better.
int rank_of(const Certificate& one, std::string_view host, std::string_view wildcard, std::string_view wanted) {
  if (!wanted.empty()) return one.name == wanted ? 0 : kNotIt;
  if (one.name == host) return 1;
  if (names(one, host)) return 2;
  if (wildcard.empty()) return kNotIt;
  if (one.name == wildcard) return 3;
  return names(one, wildcard) ? 4 : kNotIt;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

bool covers(std::string_view pattern, std::string_view host) {
  return pattern == host || pattern == wildcard_above(host);
}

CertificateChoice choose_certificate(const CertificateFolder& folder, std::string_view folder_name,
                                     std::string_view host, std::string_view wanted) {
  CertificateChoice out;
  if (!folder.problem.empty()) {
    out.remark = "no certificates: " + folder.problem;
    return out;
  }
  const std::string wildcard = wildcard_above(host);
  const Certificate* best = nullptr;
  std::tuple<bool, int, std::chrono::seconds> best_order;
  for (const Certificate& one : folder.certificates) {
    const int rank = rank_of(one, host, wildcard, wanted);
    if (rank == kNotIt) continue;
    const std::tuple<bool, int, std::chrono::seconds> order{!one.problem.empty(), rank, -one.until.time_since_epoch()};
    if (best != nullptr && best_order <= order) continue;
    best = &one;
    best_order = order;
  }
  if (best == nullptr) {
    out.remark = wanted.empty()
                     ? "no certificate for " + quoted(host) + " in " + std::string(folder_name)
                     : "no certificate " + quoted(wanted) + " in " + std::string(folder_name) + " for " + quoted(host);
    return out;
  }
  if (!best->problem.empty()) {
    out.remark = "the certificate for " + quoted(host) + " cannot be used: " + best->problem;
    return out;
  }
  out.certificate = best;
  if (std::ranges::none_of(best->hosts, [&](const std::string& own) { return covers(own, host); }))
    out.remark = best->certificate + " does not name " + quoted(host);
  return out;
}

std::string date_of(std::chrono::sys_seconds time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

}  // namespace longshore::render
