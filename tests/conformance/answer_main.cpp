// Our side of differential.py: a row of JSON per line in; per line out, as hexadecimal digits, the text or "error: "
// and the error's text.
#include <cstdio>
#include <iostream>
#include <string>

#include "tests/conformance/conformance_data.h"
#include "tests/conformance/conformance_rows.h"

int main() {
  using namespace longshore;
  std::ios::sync_with_stdio(false);
  const tmpl::Functions table = conformance::functions();
  for (std::string line; std::getline(std::cin, line);) {
    const auto row = json::parse(line, "row");
    if (!row) {
      std::fprintf(stderr, "%s\n", row.error().text.c_str());
      return 1;
    }
    std::cout << conformance::to_hex(conformance::outcome(*row, table)) << '\n';
  }
}
