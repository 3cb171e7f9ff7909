// Reads a folder of certificates: NAME.crt, NAME.cer or NAME.pem with NAME.key beside it or the key in the same file,
// and NAME/fullchain.pem with NAME/privkey.pem or NAME/key.pem (certbot's folder `live`, acme-companion's). A name that
// begins with "_." or "_wildcard." is that of a wildcard. Names with other characters than letters, digits, '.', '-',
// '_', '*' and hidden files are passed over: nginx would read a variable where there is a dollar sign.
#pragma once
#include <string>
#include <string_view>

#include "renderer/core/certificates.h"

namespace longshore::render {

// What says that something in it has changed: names, sizes, times of all its files, links followed.
std::string look_at_certificates(const std::string& folder);

// At most 10,000 entries, 1 MiB for each file.
CertificateFolder read_certificates(const std::string& folder, std::chrono::system_clock::time_point now);

// What a certificate and its key say, as PEM; paths and name are the caller's.
Certificate judge_certificate(std::string_view certificate, std::string_view key,
                              std::chrono::system_clock::time_point now);

}  // namespace longshore::render
