// Replays files through a fuzz target, then mutations of them from a fixed seed: a libFuzzer target under any compiler.
// Arguments: folders. Fails when there is nothing to replay.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "common/policy/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// Up to four small damages: a byte changed, a piece removed, doubled, or replaced by one of another input.
std::string damaged(std::string input, const std::string& other, longshore::policy::Random& random) {
  const std::uint64_t times = 1 + random.next() % 4;
  for (std::uint64_t i = 0; i < times; ++i) {
    const std::size_t at = input.empty() ? 0 : random.next() % input.size();
    const std::size_t length = std::min<std::size_t>(random.next() % 16, input.size() - at);
    switch (random.next() % 4) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(random.next());
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      default:
        input.replace(at, length, other.substr(other.empty() ? 0 : random.next() % other.size(), 16));
    }
  }
  return input;
}

}  // namespace

int main(int count, char** arguments) {
  constexpr int kMutations = 3000;
  std::vector<std::string> paths;
  for (int i = 1; i < count; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
      if (entry.is_regular_file()) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (inputs.empty()) {
    std::puts("nothing to replay");
    return 1;
  }
  for (const std::string& input : inputs) run(input);
  longshore::policy::Random random(20261120);
  for (int i = 0; i < kMutations; ++i) {
    const std::string& input = inputs[random.next() % inputs.size()];
    const std::string& other = inputs[random.next() % inputs.size()];
    run(damaged(input, other, random));
  }
  std::printf("%zu files and %d mutations\n", inputs.size(), kMutations);
}
