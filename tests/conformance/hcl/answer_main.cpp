// Our side of differential.py, see golden.go.
#include <cstdio>
#include <iostream>

#include "common/hcl/reader.h"
#include "common/json/json.h"
#include "tests/unit/hcl/show.h"

int main() {
  using namespace longshore;
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = json::parse(line, "line");
    if (!text || !text->is_string()) return 1;
    const auto document = hcl::parse(text->get<std::string>(), "f");
    std::puts(document ? hcl::show(document->root).c_str() : "error");
  }
}
