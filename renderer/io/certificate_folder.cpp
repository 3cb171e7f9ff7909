#include "renderer/io/certificate_folder.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <system_error>

#include "common/base/error.h"
#include "common/base/text.h"

namespace longshore::render {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::system_clock;

constexpr std::size_t kMostEntries = 10000;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Chain = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

// Nobody is there to type one.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Bio reader_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(std::min(text.size(), kMostBytes))));
}

std::string text_of(const ASN1_STRING* string) {
  const unsigned char* bytes = ASN1_STRING_get0_data(string);
  const int size = ASN1_STRING_length(string);
  if (bytes == nullptr || size <= 0) return {};
  return base::to_lower_ascii(std::string_view(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)));
}

// The alternative names, or where there are none the common name.
std::vector<std::string> hosts_of(const X509* certificate) {
  std::vector<std::string> out;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) out.push_back(text_of(name->d.dNSName));
  }
  if (!out.empty()) return out;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) out.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return out;
}

std::chrono::sys_seconds time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string fingerprint_of(std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, EVP_sha256(), nullptr) != 1) return {};
  std::string out;
  for (unsigned int i = 0; i < std::min(size, 8U); ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

// What is wrong with the file is told in `problem`.
std::string read_text(const std::string& path, std::string& problem) {
  std::error_code not_there;
  if (fs::is_directory(path, not_there)) {
    problem = path + ": is a directory";
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    problem = base::system_error(path, errno).text;
    return {};
  }
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostBytes) problem = path + ": larger than 1 MiB";
  return text;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == '*';
  });
}

std::string host_of(std::string_view name) {
  for (const std::string_view prefix : {"_wildcard.", "_."})
    if (name.starts_with(prefix)) return "*." + base::to_lower_ascii(name.substr(prefix.size()));
  return base::to_lower_ascii(name);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

struct Pair {
  std::string certificate;
  std::string key;
};

// By the name of the certificate; the endings in the order in which they are looked for.
std::map<std::string, Pair> pairs_in(const fs::path& folder, std::error_code& error) {
  std::map<std::string, Pair> out;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end && names.size() < kMostEntries;
       at.increment(error))
    names.push_back(at->path().filename().string());
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (!is_name(name)) continue;
    const fs::path path = folder / name;
    if (is_file(path / "fullchain.pem")) {
      const fs::path key = is_file(path / "privkey.pem") || !is_file(path / "key.pem") ? "privkey.pem" : "key.pem";
      out.try_emplace(host_of(name), Pair{path / "fullchain.pem", path / key});
      continue;
    }
    const std::string ending = path.extension();
    const std::string stem = path.stem();
    if (ending != ".crt" && ending != ".cer" && ending != ".pem") continue;
    if (stem.ends_with(".chain") || stem.ends_with(".dhparam")) continue;
    const fs::path key = folder / (stem + ".key");
    out.try_emplace(host_of(stem), Pair{path, is_file(key) || ending != ".pem" ? key : path});
  }
  return out;
}

}  // namespace

std::string look_at_certificates(const std::string& folder) {
  std::string out;
  std::error_code error;
  const auto add = [&](const fs::path& path) {
    struct stat info {};
    out += path.string();
    if (::stat(path.c_str(), &info) != 0)
      out += " " + std::to_string(errno);
    else
      out += " " + std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " +
             std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " " +
             std::to_string(info.st_mode);
    out += "\n";
  };
  for (const auto& [name, pair] : pairs_in(folder, error)) {
    add(pair.certificate);
    add(pair.key);
  }
  return error ? error.message() : out;
}

Certificate judge_certificate(std::string_view certificate, std::string_view key, Clock::time_point now) {
  Certificate out;
  out.fingerprint = fingerprint_of(certificate);
  const Bio chain = reader_of(certificate);
  const Chain first(PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr));
  if (!first) {
    out.problem = "no certificate (PEM) in it";
    return out;
  }
  out.hosts = hosts_of(first.get());
  out.until = time_of(X509_get0_notAfter(first.get()));
  const std::chrono::sys_seconds since = time_of(X509_get0_notBefore(first.get()));
  const Bio secret = reader_of(key);
  const Key own(PEM_read_bio_PrivateKey(secret.get(), nullptr, no_passphrase, nullptr));
  if (!own)
    out.problem = key.contains("ENCRYPTED") ? "its key asks for a passphrase" : "no private key (PEM) for it";
  else if (X509_check_private_key(first.get(), own.get()) != 1)
    out.problem = "its key is that of another certificate";
  else if (now >= out.until)
    out.problem = "expired on " + date_of(out.until);
  else if (now < since)
    out.problem = "not valid before " + date_of(since);
  return out;
}

CertificateFolder read_certificates(const std::string& folder, Clock::time_point now) {
  CertificateFolder out;
  std::error_code error;
  const std::map<std::string, Pair> pairs = pairs_in(folder, error);
  if (error) {
    out.problem = folder + ": " + error.message();
    return out;
  }
  for (const auto& [name, pair] : pairs) {
    std::string problem;
    const std::string certificate = read_text(pair.certificate, problem);
    const std::string key = problem.empty() ? read_text(pair.key, problem) : std::string();
    Certificate one = judge_certificate(certificate, key, now);
    one.name = name;
    one.certificate = pair.certificate;
    one.key = pair.key;
    // The path is in the reader's own words already.
    if (!problem.empty())
      one.problem = problem;
    else if (!one.problem.empty())
      one.problem = pair.certificate + ": " + one.problem;
    if (one.until > now) out.next_change = std::min<Clock::time_point>(out.next_change, one.until);
    // Not valid yet, so far unknown to be from when: looked at again soon.
    if (one.problem.contains("not valid before"))
      out.next_change = std::min<Clock::time_point>(out.next_change, now + std::chrono::minutes(1));
    out.certificates.push_back(std::move(one));
  }
  return out;
}

}  // namespace longshore::render
