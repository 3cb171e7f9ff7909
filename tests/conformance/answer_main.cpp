// Our side of differential.py: a row of JSON per line in; per line out, as hexadecimal digits, the text or "error: "
// and the error's text. With the word "libraries" the functions of libraries/ are there, too.
#include <cstdio>
#include <iostream>
#include <string>

#include "common/tmpl/data/data.h"
#include "common/tmpl/sprig/sprig.h"
#include "tests/conformance/conformance_data.h"
#include "tests/conformance/conformance_rows.h"

int main(int count, char** words) {
  using namespace longshore;
  std::ios::sync_with_stdio(false);
  tmpl::Functions table = conformance::functions();
  if (count > 1 && std::string_view(words[1]) == "libraries") {
    tmpl::FunctionTable all = *table;
    all.merge(tmpl::sprig_functions());
    all.merge(tmpl::data_functions());
    table = std::make_shared<const tmpl::FunctionTable>(std::move(all));
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto row = json::parse(line, "row");
    if (!row) {
      std::fprintf(stderr, "%s\n", row.error().text.c_str());
      return 1;
    }
    std::cout << conformance::to_hex(conformance::outcome(*row, table)) << '\n';
  }
}
