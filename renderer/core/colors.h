// Colours of services: services/<service>/color in Consul's KV is the one that serves, services/<service>/canary
// ("green=10") gives another one so many percent of the traffic. An instance is of a colour by the name of its service
// ("books-green"), by Meta `color`, or by a tag. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/core/data.h"

namespace longshore::render {

struct Colors {
  std::string active;
  std::string canary;  // "" = none
  int percent = 0;     // of the canary, 1 to 99; else 0
  bool operator==(const Colors&) const = default;

  // Of the traffic, in percent.
  int share_of(std::string_view color) const;
  // The words that the service's instances may have as tag, or behind the service's name.
  bool is_color(std::string_view word) const;
};

class ColorTable {
 public:
  ColorTable() = default;
  // All keys below the folder of colours; others than `<service>/color` and `<service>/canary` are passed over.
  explicit ColorTable(const TreeData& records);

  const Colors* of(std::string_view service) const;
  // The service of which `name` is a colour ("books" for "books-green"); `name` itself when it is none.
  std::string family(std::string_view name) const;

 private:
  std::map<std::string, Colors, std::less<>> by_service_;
};

// An instance of a service in any colour.
struct Member {
  InstancePtr instance;
  std::string color;  // "" = none
  int share = 100;    // percent that its colour has; 0 = it does not serve
  int weight = 1;     // so that the colours have their shares, when all that pass are used
};

// `colors` null: the service has no colours, all serve. Of a service with colours those without one do not serve.
// A colour without an instance that passes leaves its share to the other.
std::vector<Member> members_of(const std::vector<std::shared_ptr<const ServiceData>>& lists, std::string_view service,
                               const Colors* colors);

}  // namespace longshore::render
