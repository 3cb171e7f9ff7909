// From what renderer, Consul and agent say to the chain that a person reads: event -> registration -> Consul -> guard
// -> file. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "common/consul/model.h"
#include "common/json/json.h"
#include "common/main/why_question.h"

namespace longshore::app {

// One who was asked.
struct Witness {
  std::string name;     // "renderer 127.0.0.1:8512"
  std::string problem;  // why it did not answer; "" = it did
  json::Value said;     // null when it did not
};

struct WhyFacts {
  WhyQuestion question;
  Witness renderer;                                        // /v1/why
  Witness agent;                                           // /v1/status
  Witness consul;                                          // `said` stays null
  std::vector<consul::ServiceEntry> entries;               // of the services concerned, with their checks
  std::map<std::string, std::vector<std::string>> places;  // address -> "file:line", of the renderer's files
};

struct WhyReport {
  std::string text;
  json::Value json;
  bool explained = false;  // somebody knew it
};

WhyReport why_report(const WhyFacts& facts);

}  // namespace longshore::app
