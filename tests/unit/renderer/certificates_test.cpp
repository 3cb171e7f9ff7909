// Which certificate is for a host name, and what certificate and key say.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "renderer/core/certificates.h"
#include "renderer/io/certificate_folder.h"

using namespace longshore::render;
using std::chrono::hours;
using std::chrono::seconds;
using Clock = std::chrono::system_clock;

namespace {

Certificate usable(std::string name, std::vector<std::string> hosts, int days = 30) {
  Certificate out;
  out.name = std::move(name);
  out.certificate = "/c/" + out.name + ".crt";
  out.hosts = std::move(hosts);
  out.until = std::chrono::sys_seconds(hours(24 * days));
  return out;
}

Certificate broken(std::string name, std::vector<std::string> hosts) {
  Certificate out = usable(std::move(name), std::move(hosts));
  out.problem = out.certificate + ": expired on 2026-01-01";
  return out;
}

struct Pem {
  std::string certificate;
  std::string key;
};

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

// Signed by itself; names: "DNS:a,DNS:*.b", "" = only the common name.
Pem make(const char* common_name, const char* names, long from_seconds, long to_seconds) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to_seconds);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                             0);
  X509_set_issuer_name(certificate, subject);
  if (*names != '\0') {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  Pem out;
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  out.certificate = text_of(bio);
  bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  out.key = text_of(bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return out;
}

constexpr long kDay = 24L * 3600;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/longshore-certificates-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void put(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + "/" + name).parent_path());
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }
  const std::string& path() const { return path_; }
  CertificateFolder read() const { return read_certificates(path_, Clock::now()); }

 private:
  std::string path_;
};

const Certificate* find(const CertificateFolder& folder, const std::string& name) {
  for (const Certificate& one : folder.certificates)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("a wildcard stands for one label") {
  CHECK(covers("a.example", "a.example"));
  CHECK(covers("*.example.org", "a.example.org"));
  CHECK(covers("*.example.org", "*.example.org"));
  CHECK_FALSE(covers("*.example.org", "example.org"));
  CHECK_FALSE(covers("*.example.org", "a.b.example.org"));
  CHECK_FALSE(covers("*.b.example.org", "*.example.org"));
  CHECK_FALSE(covers("example.org", "a.example.org"));
}

TEST_CASE("the certificate for a host name") {
  CertificateFolder folder;
  folder.certificates = {
      usable("*.wild.example", {}),
      usable("both.example", {"both.example", "other.example"}, 10),
      broken("dead.example", {"dead.example"}),
      broken("half.example", {"half.example"}),
      usable("many", {"*.example.org", "half.example"}, 20),
      usable("newer", {"*.example.org"}, 40),
      usable("odd.example", {"elsewhere.example"}),
  };
  struct Row {
    const char* host;
    const char* wanted;
    const char* name;  // "" = none
    const char* remark;
  };
  const Row rows[] = {
      {"both.example", "", "both.example", ""},
      {"other.example", "", "both.example", ""},
      {"a.wild.example", "", "*.wild.example", "/c/*.wild.example.crt does not name \"a.wild.example\""},
      {"a.example.org", "", "newer", ""},
      {"*.example.org", "", "newer", ""},
      {"a.example.org", "many", "many", ""},
      {"half.example", "", "many", ""},
      {"odd.example", "", "odd.example", "/c/odd.example.crt does not name \"odd.example\""},
      {"dead.example", "", "",
       "the certificate for \"dead.example\" cannot be used: /c/dead.example.crt: expired on 2026-01-01"},
      {"example.org", "", "", "no certificate for \"example.org\" in /c"},
      {"a.b.example.org", "", "", "no certificate for \"a.b.example.org\" in /c"},
      {"both.example", "gone", "", "no certificate \"gone\" in /c for \"both.example\""},
      {"local", "", "", "no certificate for \"local\" in /c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.host);
    const CertificateChoice choice = choose_certificate(folder, "/c", row.host, row.wanted);
    CHECK((choice.certificate == nullptr ? "" : choice.certificate->name) == row.name);
    CHECK(choice.remark == row.remark);
  }
  folder.problem = "/c: No such file or directory";
  CHECK(choose_certificate(folder, "/c", "both.example", "").remark ==
        "no certificates: /c: No such file or directory");
}

TEST_CASE("what certificate and key say") {
  const Pem good = make("first.example", "DNS:A.example,DNS:*.b.example", -kDay, kDay);
  const Pem named = make("Only.example", "", -kDay, kDay);
  const Pem old = make("old.example", "", -2 * kDay, -kDay);
  const Pem young = make("young.example", "", kDay, 2 * kDay);
  const auto now = Clock::now();
  const Certificate one = judge_certificate(good.certificate, good.key, now);
  CHECK(one.problem == "");
  CHECK(one.hosts == std::vector<std::string>{"a.example", "*.b.example"});
  CHECK(one.fingerprint.size() == 16);
  CHECK(one.until > now + hours(23));
  CHECK(one.until < now + hours(25));
  CHECK(judge_certificate(named.certificate, named.key, now).hosts == std::vector<std::string>{"only.example"});
  CHECK(judge_certificate(named.certificate, named.key, now).fingerprint != one.fingerprint);
  CHECK(judge_certificate(good.certificate, named.key, now).problem == "its key is that of another certificate");
  CHECK(judge_certificate(old.certificate, old.key, now).problem ==
        "expired on " + date_of(std::chrono::floor<seconds>(now - hours(24))));
  CHECK(judge_certificate(young.certificate, young.key, now).problem.starts_with("not valid before 2"));
  CHECK(judge_certificate(good.certificate, "", now).problem == "no private key (PEM) for it");
  CHECK(judge_certificate("", good.key, now).problem == "no certificate (PEM) in it");
  CHECK(judge_certificate(good.key, good.key, now).problem == "no certificate (PEM) in it");
  // It would ask on a terminal.
  CHECK(judge_certificate(good.certificate,
                          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n", now)
            .problem == "its key asks for a passphrase");
  // Both in one file, in either order.
  CHECK(judge_certificate(good.key + good.certificate, good.key + good.certificate, now).problem == "");
}

TEST_CASE("date") {
  CHECK(date_of(std::chrono::sys_seconds(seconds(0))) == "1970-01-01");
  CHECK(date_of(std::chrono::sys_seconds(seconds(1798761599))) == "2026-12-31");
}

TEST_CASE("a folder: which files are pairs, and what is wrong with others") {
  const Folder folder;
  const Pem pem = make("x.example", "", -kDay, kDay);
  folder.put("a.example.crt", pem.certificate);
  folder.put("a.example.key", pem.key);
  folder.put("both.pem", pem.certificate + pem.key);
  folder.put("_.wild.example.crt", pem.certificate);
  folder.put("_.wild.example.key", pem.key);
  folder.put("live.example/fullchain.pem", pem.certificate);
  folder.put("live.example/privkey.pem", pem.key);
  folder.put("keyless.crt", pem.certificate);
  folder.put("garbage.crt", "not a certificate");
  folder.put("garbage.key", pem.key);
  folder.put(".hidden.crt", pem.certificate);
  folder.put("$host.crt", pem.certificate);
  folder.put("a.example.chain.pem", pem.certificate);
  folder.put("README", "for people");
  const CertificateFolder read = folder.read();
  CHECK(read.problem == "");
  std::string names;
  for (const Certificate& one : read.certificates) names += one.name + (one.problem.empty() ? " " : "! ");
  CHECK(names == "*.wild.example a.example both garbage! keyless! live.example ");
  REQUIRE(find(read, "keyless") != nullptr);
  CHECK(find(read, "keyless")->problem == folder.path() + "/keyless.key: No such file or directory");
  CHECK(find(read, "garbage")->problem == folder.path() + "/garbage.crt: no certificate (PEM) in it");
  CHECK(find(read, "live.example")->key == folder.path() + "/live.example/privkey.pem");
  CHECK(find(read, "both")->key == folder.path() + "/both.pem");
  CHECK(read.next_change > Clock::now());
  CHECK(read.next_change < Clock::now() + hours(25));

  const std::string before = look_at_certificates(folder.path());
  CHECK(look_at_certificates(folder.path()) == before);
  folder.put("a.example.key", pem.key + "\n");
  CHECK(look_at_certificates(folder.path()) != before);

  const CertificateFolder none = read_certificates(folder.path() + "/nowhere", Clock::now());
  CHECK(none.certificates.empty());
  CHECK(none.problem == folder.path() + "/nowhere: No such file or directory");
}
