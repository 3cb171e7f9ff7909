#include "common/main/why_report.h"

#include <algorithm>
#include <cstdio>

#include "common/base/text.h"

namespace longshore::app {
namespace {

std::string text_of(const json::Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_of(const json::Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

std::string duration(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 100 ? "%.1f s" : "%.0f s", seconds);
  return text;
}

std::string ago(double seconds) {
  return duration(seconds) + " ago";
}

const json::Value& list_of(const json::Value& object, const char* key) {
  static const json::Value kNone = json::Value::array();
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

// Everything about one instance, or about what was asked when nobody has such an instance.
struct Subject {
  std::string service;
  std::string id;
  std::string node;
  std::string address;
};

class Chain {
 public:
  Chain(const WhyFacts& facts, Subject subject) : facts_(facts), subject_(std::move(subject)) {}

  void line(const char* step, std::string text) {
    // Foreign text must not move the cursor.
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    char head[20];
    std::snprintf(head, sizeof head, "  %-14s", step);
    text_ += head + text + "\n";
    steps_.push_back({{"step", step}, {"text", std::move(text)}});
  }

  // The agent's word on the container behind it. True: it said something.
  bool registration() {
    bool known = false;
    for (const json::Value& container : list_of(facts_.agent.said, "containers")) {
      for (const json::Value& port : list_of(container, "ports")) {
        if (!concerns(container, port)) continue;
        known = true;
        line("event", "container " + text_of(container, "id") + " (" + text_of(container, "name") + ") is " +
                          text_of(container, "state") + ", says the " + facts_.agent.name);
        std::string what = text_of(port, "port") + " is " + text_of(port, "state");
        if (!text_of(port, "id").empty()) what += " as " + text_of(port, "id") + " at " + text_of(port, "address");
        if (!text_of(port, "reason").empty()) what += ": " + text_of(port, "reason");
        line("registration", what);
        if (const std::string state = text_of(port, "state"); state != "registered")
          unregistered_ = state + (text_of(port, "reason").empty() ? "" : ": " + text_of(port, "reason"));
      }
      for (const json::Value& note : list_of(container, "notes"))
        if (known && note.is_string()) line("registration", note.get<std::string>());
    }
    return known;
  }

  const consul::ServiceEntry* entry() const {
    for (const consul::ServiceEntry& entry : facts_.entries)
      if (entry.service.id == subject_.id && entry.node.node == subject_.node) return &entry;
    return nullptr;
  }

  // Consul's own word, with what the checks say.
  bool consul() {
    const consul::ServiceEntry* found = entry();
    if (found == nullptr) return false;
    for (const consul::HealthCheck& check : found->checks) {
      std::string what = "check \"" + check.name + "\" is " + check.status;
      const std::string output(base::trim(check.output));
      if (check.status != "passing" && !output.empty()) what += ": " + output.substr(0, 200);
      line("consul", what);
      if (check.status == "critical" && critical_.empty())
        critical_ = "check \"" + check.name + "\" is critical" + (output.empty() ? "" : ": " + output.substr(0, 200));
    }
    if (found->checks.empty()) line("consul", "it has no checks, and so is passing");
    return true;
  }

  void history() {
    const json::Value& changes = list_of(facts_.renderer.said, "changes");
    std::vector<const json::Value*> own;
    for (const json::Value& change : changes)
      if (subject_.id.empty() || (text_of(change, "id") == subject_.id && text_of(change, "node") == subject_.node))
        own.push_back(&change);
    constexpr std::size_t kMost = 10;
    if (own.size() > kMost) {
      line("history", std::to_string(own.size() - kMost) + " earlier changes are left out");
      own.erase(own.begin(), own.end() - kMost);
    }
    for (const json::Value* change : own) {
      std::string what = ago(number_of(*change, "seconds_ago")) + ": ";
      if (subject_.id.empty()) what += text_of(*change, "id") + " at " + text_of(*change, "address") + ": ";
      what += text_of(*change, "kind");
      if (!text_of(*change, "detail").empty()) what += " (" + text_of(*change, "detail") + ")";
      if (change->contains("index")) what += " at index " + json::dump((*change)["index"]);
      line("history", what);
    }
    if (!own.empty() && text_of(*own.back(), "kind") == "left") left_ = text_of(*own.back(), "detail");
  }

  // What templates have to say. True: something.
  bool remarks() {
    const json::Value& all = list_of(facts_.renderer.said, "remarks");
    for (const json::Value& one : all) line("remark", text_of(one, "template") + ": " + text_of(one, "remark"));
    return !all.empty();
  }

  void verdict(const std::string& text) {
    text_ += "  => " + text + "\n";
    verdict_ = text;
  }

  const std::string& unregistered() const { return unregistered_; }
  const std::string& critical() const { return critical_; }
  const std::string& left() const { return left_; }
  const Subject& subject() const { return subject_; }

  std::string text() const {
    std::vector<std::string> head;
    for (const std::string& part : {subject_.address, subject_.service, subject_.id})
      if (!part.empty()) head.push_back(part);
    if (head.empty()) head = {facts_.question.asked};
    return base::join(head, "  ") + (subject_.node.empty() ? "" : "  on " + subject_.node) + "\n" + text_;
  }
  json::Value as_json() const {
    return {{"service", subject_.service}, {"id", subject_.id}, {"node", subject_.node},
            {"address", subject_.address}, {"steps", steps_},   {"verdict", verdict_}};
  }

 private:
  bool concerns(const json::Value& container, const json::Value& port) const {
    if (!subject_.id.empty()) return text_of(port, "id") == subject_.id;
    const auto names = [&](const std::string& text) {
      return !text.empty() && (std::ranges::find(facts_.question.words, text) != facts_.question.words.end() ||
                               std::ranges::find(facts_.question.addresses, text) != facts_.question.addresses.end());
    };
    const std::string id = text_of(container, "id");
    const bool by_digits = std::ranges::any_of(facts_.question.words, [&](const std::string& word) {
      return word.size() >= 6 && (id.starts_with(word) || (!id.empty() && word.starts_with(id)));
    });
    return by_digits || names(text_of(container, "name")) || names(text_of(port, "id")) ||
           names(text_of(port, "service")) || names(text_of(port, "address"));
  }

  const WhyFacts& facts_;
  Subject subject_;
  std::string text_;
  json::Value steps_ = json::Value::array();
  std::string verdict_;
  std::string unregistered_;
  std::string critical_;
  std::string left_;
};

// "generation 7 of group edge, its workers answered 3.1 s ago, all older ones have finished accepting"
std::string served(const json::Value& by) {
  const double generation = number_of(by, "generation");
  std::string out =
      "generation " + json::dump(by.value("generation", json::Value(0))) + " of group " + text_of(by, "group");
  if (!text_of(by, "problem").empty()) return out + ": " + text_of(by, "problem");
  const bool confirmed = by.value("confirmed", false);
  if (by.contains("applied_seconds_ago"))
    out += (confirmed ? ", new workers answered " : ", told ") + ago(number_of(by, "applied_seconds_ago"));
  if (number_of(by, "settled_generation") >= generation)
    return out + (confirmed ? ", settled: no older worker accepts" : ", taken for settled");
  return out + ", not settled (" + text_of(by, "state") + "), generation " +
         json::dump(by.value("settled_generation", json::Value(0))) + " is";
}

// An instance that the renderer has in its data.
void explain_known(Chain& chain, const WhyFacts& facts, const json::Value& item) {
  chain.registration();
  const std::string health = text_of(item, "health");
  std::string seen = (health.empty() ? "unknown health" : health) + ", first seen at index " +
                     json::dump(item.value("since_index", json::Value(0)));
  if (item.contains("index"))
    seen += "; last answer (index " + json::dump(item["index"]) + ") " + ago(number_of(item, "answer_age_seconds"));
  chain.line("consul", seen);
  if (item.contains("stale_seconds"))
    chain.line("consul", "not heard since " + ago(number_of(item, "stale_seconds")) + "; the last good data stays");
  chain.consul();
  const bool held = item.contains("held_seconds");
  if (held)
    chain.line("guard",
               "held: it vanished from Consul " + ago(number_of(item, "held_seconds")) + " without a withdrawal note");
  const bool guarded = item.contains("guard");
  if (guarded) {
    const json::Value& guard = item["guard"];
    chain.line("guard", "kept for " + duration(number_of(guard, "seconds")) +
                            ", because it went without a word: " + text_of(guard, "reason") + "; " +
                            (guard.contains("ends_in_seconds")
                                 ? "for another " + duration(number_of(guard, "ends_in_seconds")) + ", or until "
                                 : "until ") +
                            "instances return or `longshore release` says so");
  }
  const std::string stays = text_of(item, "stays");
  if (!stays.empty()) chain.line("guard", "it is taken out, nobody else serves: it stays " + stays);
  std::string probe;  // why it is out, or not in yet
  if (item.contains("probe")) {
    const json::Value& said = item["probe"];
    const std::string state = text_of(said, "state");
    std::string reason = text_of(said, "reason");
    if (reason.empty()) reason = "no answer yet";
    chain.line("guard", "probe of the load balancer: " + state + ", " + reason + ", for " +
                            duration(number_of(said, "seconds")));
    if (state == "out") probe = "it does not answer the load balancer: " + reason;
    if (state == "waiting") probe = "it is new and has not answered the load balancer yet: " + reason;
  }
  if (!held && !guarded && stays.empty() && !item.contains("probe")) chain.line("guard", "nothing holds it");
  for (const json::Value& guard : list_of(item, "guards"))
    if (guard.is_string()) chain.line("guard", guard.get<std::string>());
  std::vector<std::string> problems;
  std::vector<std::string> templates;
  for (const json::Value& user : list_of(item, "used_by")) {
    std::string what = text_of(user, "destination") + " by " + text_of(user, "template");
    if (user.contains("changed_seconds_ago"))
      what += ", last changed " + ago(number_of(user, "changed_seconds_ago")) + " (" +
              json::dump(user["changes_of_the_file"]) + " times since the start)";
    chain.line("template", what);
    if (user.contains("served") && user["served"].is_object()) chain.line("served", served(user["served"]));
    templates.push_back(text_of(user, "template"));
    if (!text_of(user, "problem").empty())
      problems.push_back(text_of(user, "template") + ": " + text_of(user, "problem"));
  }
  chain.remarks();
  chain.history();
  const auto places = facts.places.find(text_of(item, "address"));
  if (places != facts.places.end())
    for (const std::string& place : places->second) chain.line("file", place);
  if (places != facts.places.end() && !places->second.empty()) {
    if (held) return chain.verdict("there, because it is held: nothing says that it was stopped");
    if (guarded) return chain.verdict("there, because a guard keeps it: " + text_of(item["guard"], "reason"));
    if (!stays.empty()) return chain.verdict("there, although it is taken out: it stays " + stays);
    return chain.verdict("there, because it is " + health + " and " + base::join(templates, ", ") + " uses it");
  }
  if (!problems.empty()) return chain.verdict("not there, because a template fails: " + base::join(problems, "; "));
  if (!probe.empty()) return chain.verdict("not there, because " + probe);
  if (health == "critical" || health == "maintenance")
    return chain.verdict("not there, because it is " + (health == "critical" && !chain.critical().empty()
                                                            ? "critical: " + chain.critical()
                                                            : health));
  if (templates.empty())
    return chain.verdict("not there, because no template uses service " + text_of(item, "service"));
  chain.verdict("no file shows " + text_of(item, "address") + ", although it is " + health +
                ": the template leaves it out, or shows it in another form (" + base::join(templates, ", ") + ")");
}

// Nobody's data has such an instance, as far as the renderer is concerned. True: somebody knew something.
bool explain_absent(Chain& chain, const WhyFacts& facts) {
  const bool registered = chain.registration();
  const bool in_consul = chain.consul();
  const bool remarked = chain.remarks();
  chain.history();
  const json::Value& services = list_of(facts.renderer.said, "services");
  for (const json::Value& service : services)
    chain.line("consul", text_of(service, "dependency") + " is watched and has " +
                             json::dump(service.value("instances", json::Value(0))) + " instances");
  if (!chain.left().empty()) {
    chain.verdict("gone: " + chain.left());
  } else if (registered && !chain.unregistered().empty()) {
    chain.verdict("not registered: " + chain.unregistered());
  } else if (in_consul) {
    chain.verdict(facts.renderer.problem.empty()
                      ? "in Consul, but in no file: no template uses service " + chain.subject().service
                      : "in Consul; what became of it only the renderer knows, and it does not answer");
  } else if (!services.empty()) {
    chain.verdict("Consul has no instance of it");
  } else if (registered) {
    chain.verdict("registered, but the renderer does not know it: no template uses it, or its Consul is another one");
  } else if (remarked) {
    chain.verdict("no instance; what templates say of it is above");
  } else {
    chain.verdict("nobody knows it");
    return false;
  }
  return true;
}

}  // namespace

WhyReport why_report(const WhyFacts& facts) {
  WhyReport report;
  report.json["asked"] = facts.question.asked;
  report.json["answers"] = json::Value::array();
  const auto add = [&](const Chain& chain) {
    report.text += (report.text.empty() ? "" : "\n") + chain.text();
    report.json["answers"].push_back(chain.as_json());
  };
  std::vector<const consul::ServiceEntry*> unknown;
  for (const consul::ServiceEntry& entry : facts.entries) unknown.push_back(&entry);
  for (const json::Value& item : list_of(facts.renderer.said, "instances")) {
    Chain chain(facts,
                {text_of(item, "service"), text_of(item, "id"), text_of(item, "node"), text_of(item, "address")});
    explain_known(chain, facts, item);
    std::erase_if(unknown, [&](const consul::ServiceEntry* entry) {
      return entry->service.id == text_of(item, "id") && entry->node.node == text_of(item, "node");
    });
    add(chain);
    report.explained = true;
  }
  // Those that only Consul has.
  for (const consul::ServiceEntry* entry : unknown) {
    const std::string& host = entry->service.address.empty() ? entry->node.address : entry->service.address;
    const std::string address =
        (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(entry->service.port);
    const auto named = [&](const std::string& text) {
      return std::ranges::find(facts.question.words, text) != facts.question.words.end() ||
             std::ranges::find(facts.question.addresses, text) != facts.question.addresses.end();
    };
    if (!named(entry->service.id) && !named(entry->service.name) && !named(address)) continue;
    Chain chain(facts, {entry->service.name, entry->service.id, entry->node.node, address});
    report.explained = explain_absent(chain, facts) || report.explained;
    add(chain);
  }
  if (report.text.empty()) {
    Chain chain(facts, {});
    report.explained = explain_absent(chain, facts);
    add(chain);
  }
  for (const Witness* witness : {&facts.renderer, &facts.consul, &facts.agent}) {
    if (witness->name.empty() || witness->problem.empty()) continue;
    report.text += "  (" + witness->name + " did not answer: " + witness->problem + ")\n";
    report.json["unheard"].push_back({{"who", witness->name}, {"problem", witness->problem}});
  }
  if (facts.renderer.said.is_object() && facts.renderer.said.contains("more")) {
    report.json["more"] = facts.renderer.said["more"];
    report.text += "  (and " + json::dump(facts.renderer.said["more"]) +
                   " more instances: ask for one of them by its address or its ID)\n";
  }
  return report;
}

}  // namespace longshore::app
