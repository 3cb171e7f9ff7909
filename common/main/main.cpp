#include <exception>
#include <string>
#include <vector>

#include "common/main/dispatch.h"
#include "common/main/invocation.h"

int main(int argc, char** argv) {
  try {
    return longshore::app::dispatch(std::vector<std::string>(argv, argv + argc), longshore::app::read_environment());
  } catch (const std::exception& error) {
    return longshore::app::complain(std::string("longshore: internal error: ") + error.what(), 1);
  }
}
