// Certificates in a folder, and which of them is for a host name. Pure; io/certificate_folder.h reads them.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace longshore::render {

struct Certificate {
  std::string name;                  // of its file, lower case, without the ending; "*.example.org" for a wildcard
  std::string certificate;           // path
  std::string key;                   // path
  std::vector<std::string> hosts;    // that it names, lower case, "*.example.org" among them
  std::string fingerprint;           // of the certificate's file: 16 hexadecimal digits of its SHA-256
  std::chrono::sys_seconds until{};  // its end
  std::string problem;               // not empty: it cannot be used, and why
  bool operator==(const Certificate&) const = default;
};

struct CertificateFolder {
  std::vector<Certificate> certificates;  // by name
  std::string problem;                    // the folder cannot be read, and why
  // When the clock alone changes what is said here: one of them begins or ends.
  std::chrono::system_clock::time_point next_change = std::chrono::system_clock::time_point::max();
  bool operator==(const CertificateFolder&) const = default;
};

// Does `pattern`, a name or "*." with one, stand for `host`? A wildcard for one label, as browsers have it.
bool covers(std::string_view pattern, std::string_view host);

struct CertificateChoice {
  const Certificate* certificate = nullptr;  // in the folder; nullptr: there is none that can be used
  std::string remark;                        // for people: why not, or what is odd about it; "" = nothing
};

// For a host name in lower case, which may begin with "*.". The file of that name, then one that names it, then the
// file of the wildcard above it, then one that names that wildcard; of several the one that ends last, unusable ones
// only where there is no other. `wanted`: the file's name, "" = not said. `folder_name`: for remarks.
CertificateChoice choose_certificate(const CertificateFolder& folder, std::string_view folder_name,
                                     std::string_view host, std::string_view wanted);

// "2027-01-31"
std::string date_of(std::chrono::sys_seconds time);

}  // namespace longshore::render
