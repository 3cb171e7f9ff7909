#include "common/main/dispatch.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "common/main/verbs.h"

namespace longshore::app {
namespace {

// What a call wrote, by swapping the descriptors for files.
struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

class Swapped {
 public:
  explicit Swapped(int descriptor) : descriptor_(descriptor), saved_(::dup(descriptor)), file_(std::tmpfile()) {
    std::fflush(nullptr);
    ::dup2(::fileno(file_), descriptor);
  }
  std::string restore() {
    std::fflush(nullptr);
    ::dup2(saved_, descriptor_);
    ::close(saved_);
    std::string text(65536, '\0');
    std::rewind(file_);
    text.resize(std::fread(text.data(), 1, text.size(), file_));
    std::fclose(file_);
    return text;
  }

 private:
  int descriptor_;
  int saved_;
  std::FILE* file_;
};

Outcome call_as(const std::string& program, std::vector<std::string> words, const cli::Environment& environment = {}) {
  words.insert(words.begin(), program);
  Swapped out(1);
  Swapped err(2);
  Outcome outcome;
  outcome.code = dispatch(words, environment);
  outcome.err = err.restore();
  outcome.out = out.restore();
  return outcome;
}

struct Case {
  std::vector<std::string> words;
  int code;
  const char* out;  // a part of it; "" = nothing at all
  const char* err;
};

void check(const std::string& program, const Case& row) {
  const Outcome outcome = call_as(program, row.words);
  CAPTURE(row.words.empty() ? std::string("nothing") : row.words.front());
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  CHECK(outcome.code == row.code);
  if (*row.out == '\0') CHECK(outcome.out.empty());
  if (*row.err == '\0') CHECK(outcome.err.empty());
  CHECK(outcome.out.find(row.out) != std::string::npos);
  CHECK(outcome.err.find(row.err) != std::string::npos);
}

TEST_CASE("calls that need no server") {
  const Case cases[] = {
      {{}, 2, "", "Usage: longshore VERB"},
      {{"-h"}, 0, "Usage: longshore VERB", ""},
      {{"--help"}, 0, "Usage: longshore VERB", ""},
      {{"help"}, 0, "Usage: longshore VERB", ""},
      {{"help", "registry"}, 0, "Usage: longshore registry", ""},
      {{"help", "nothing"}, 2, "", "unknown verb nothing"},
      {{"registry", "-h"}, 0, "-data-dir DIR", ""},
      {{"registry", "--help"}, 0, "-data-dir DIR", ""},
      {{"version"}, 0, "longshore 0.", ""},
      {{"-v"}, 0, "longshore 0.", ""},
      {{"--version"}, 0, "longshore 0.", ""},
      {{"version", "x"}, 2, "", "extra argument: x"},
      {{"registri"}, 2, "", "unknown verb registri (did you mean registry?)"},
      {{"two words"}, 2, "", "unknown verb \"two words\""},
      {{"scale", "books"}, 2, "", "say which service, and how many"},
      {{"scale", "books", "many"}, 2, "", "the number of instances is 0 to 1000, not many"},
      {{"deploy", "books", "-pause", "-image", "nano"}, 2, "", "say one of -image, -compose"},
      {{"deploy", "-compose", "/nowhere/docker-compose.yml"}, 2, "", "/nowhere/docker-compose.yml: No such file"},
      {{"deploy", "-compose", "x", "-image", "nano"}, 2, "", "say one of -image, -compose"},
      {{"deploy", "books", "-strategy", "canary", "-image", "nano"}, 2, "", "use blue-green or rolling"},
      {{"deploy", "-h"}, 0, "-rollback", ""},
      {{"deploy"}, 2, "", "say which service"},
      {{"deploy", "a/b", "-image", "x"}, 2, "", "a service's name has letters"},
      {{"deploy", "books"}, 2, "", "say one of -image, -compose"},
      {{"deploy", "books", "-image", "x", "-rollback"}, 2, "", "say one of -image, -compose"},
      {{"deploy", "books", "-image", "x", "-colors", "blue,blue"}, 2, "", "two different words"},
      {{"deploy", "books", "-image", "x", "-pull", "sometimes"}, 2, "", "use always, missing or never"},
      {{"deploy", "books", "-image", "x", "-host", "unix:///x"}, 2, "", "it is NAME=unix:///path"},
      {{"deploy", "books", "-image", "x", "-host", "a=unix:///x", "-host", "a=unix:///y"}, 2, "", "given twice"},
      {{"deploy", "books", "-image", "x", "-e", "novalue"}, 2, "", "it is NAME=VALUE"},
      {{"registry", "-bogus"}, 2, "", "flag provided but not defined: -bogus"},
      {{"registry", "-data-dri", "x"}, 2, "", "(did you mean -data-dir?)"},
      {{"registry", "-log-level", "loud"}, 2, "", "invalid value \"loud\" for flag -log-level"},
      {{"registry", "-http-addr", "127.0.0.1:99999"}, 2, "", "for flag -http-addr"},
      {{"registry", "extra"}, 2, "", "extra argument: extra"},
      {{"agent", "-h"}, 0, "-internal", ""},
      {{"agent", "-intrnal"}, 2, "", "(did you mean -internal?)"},
      {{"agent", "consul://a", "consul://b"}, 2, "", "extra argument: consul://b"},
      {{"agent", "ftp://a", "-internal"}, 2, "", "ftp"},
      {{"render", "-h"}, 0, "-template SOURCE", ""},
      {{"render", "-bogus"}, 13, "", "flag provided but not defined: -bogus"},
      {{"render", "extra"}, 13, "", "extra argument: extra"},
      {{"render"}, 13, "", "-template"},
      {{"render", "-template", ":"}, 13, "", "for flag -template"},
      {{"render", "-log-level", "loud", "-template", "a:b"}, 15, "", "invalid log level \"loud\""},
      {{"render", "-v"}, 0, "longshore 0.", ""},
      {{"up", "-h"}, 0, "-agent.internal", ""},
      {{"up", "-agent.resync", "soon"}, 2, "", "invalid value \"soon\" for flag -agent.resync: parse error"},
      {{"up", "-template", ""}, 2, "", "for flag -template"},
      {{"up", "-h"}, 0, "LONGSHORE_REGISTRY_HTTP_ADDR", ""},
      {{"up", "-h"}, 0, "\nSignals:\n", ""},
      {{"registry", "-h"}, 0, "HUP reads -token-file again", ""},
      {{"registry", "-http-addr", "https://127.0.0.1:8500"}, 2, "", "speaks plain HTTP"},
      {{"agent", "-h"}, 0, "agent {", ""},
      {{"agent", "-config", "/nonexistent.hcl"}, 2, "", "/nonexistent.hcl"},
      {{"plan", "-dry"}, 2, "", "flag provided but not defined: -dry"},
      {{"plan", "-parse-only"}, 2, "", "flag provided but not defined: -parse-only"},
      {{"undrain", "-reason", "x", "a"}, 2, "", "flag provided but not defined: -reason"},
      {{"man", "agent"}, 0, ".TH \"LONGSHORE-AGENT\" 1", ""},
      {{"man", "nothing"}, 2, "", "no such verb: nothing"},
      {{"completion", "bash"}, 0, "complete -o default -F _longshore longshore", ""},
      {{"completion"}, 2, "", "which shell"},
      {{"health", "-timeout", "soon"}, 2, "", "invalid value \"soon\" for flag -timeout: parse error"},
  };
  for (const Case& row : cases) check("/usr/bin/longshore", row);
}

TEST_CASE("through a link named registrator") {
  // Figures of the original: help on stderr and 0, wrong calls 2, refused combinations 1.
  const Case cases[] = {
      {{}, 2, "", "registry URI"},
      {{"-h"}, 0, "", "Usage: registrator [options]"},
      {{"-version"}, 2, "", "flag provided but not defined: -version"},
      {{"--version"}, 0, "longshore 0.", ""},
      {{"consul:", "-internal"}, 2, "", "extra argument: -internal"},
      {{"-http-addr", "x", "consul:"}, 2, "", "flag provided but not defined: -http-addr"},
      {{"-ttl", "30", "consul:"}, 1, "", "-ttl-refresh"},
      {{"ftp://a"}, 1, "", "ftp"},
  };
  for (const Case& row : cases) check("/usr/local/bin/registrator", row);
}

TEST_CASE("through a link named consul-template") {
  const Case cases[] = {
      {{"-h"}, 0, "Usage: consul-template [options]", ""},
      {{"--help"}, 0, "-consul-addr", ""},
      {{"-v"}, 0, "longshore 0.", ""},
      {{"-bogus"}, 13, "", "flag provided but not defined: -bogus"},
      {{"-once=maybe"}, 13, "", "invalid boolean value \"maybe\" for -once: parse error"},
      {{"-template"}, 13, "", "flag needs an argument: -template"},
      {{"-http-addr", ""}, 13, "", "flag provided but not defined: -http-addr"},
      {{"left"}, 13, "", "extra argument: left"},
      {{"-log-level", "loud"}, 15, "", "loud"},
  };
  for (const Case& row : cases) check("consul-template", row);
}

TEST_CASE("a CI server says everything by variables") {
  // Each option has one of its own.
  for (const Verb& verb : verbs()) {
    const std::string_view name = verb.name;
    if (name != "deploy" && name != "scale" && name != "drain" && name != "undrain" && name != "stop") continue;
    const cli::Command command = verb.command();
    std::set<std::string> seen;
    for (const cli::Option& option : command.options.all()) {
      CAPTURE(name);
      CAPTURE(option.names.front());
      REQUIRE_FALSE(option.env.empty());
      for (const std::string& variable : option.env) CHECK(seen.insert(variable).second);
    }
  }
  struct Said {
    std::vector<std::string> words;
    cli::Environment environment;
    int code;
    const char* err;
  };
  // Nobody listens there: it went as far as Consul.
  const std::pair<const std::string, std::string> nowhere = {"CONSUL_HTTP_ADDR", "127.0.0.1:1"};
  const char* const far = "Consul: ";
  const char* const which = "say one of -image";
  const Said cases[] = {
      {{"deploy"}, {{"LONGSHORE_DEPLOY_SERVICE", "a/b"}}, 2, "has letters, digits, - and _, not a/b"},
      {{"deploy", "c/d"}, {{"LONGSHORE_DEPLOY_SERVICE", "books"}}, 2, "has letters, digits, - and _, not c/d"},
      {{"deploy"}, {{"LONGSHORE_DEPLOY_SERVICE", "books"}}, 2, which},
      {{"deploy", "books"}, {{"LONGSHORE_DEPLOY_ROLLBACK", "true"}, nowhere}, 1, far},
      {{"deploy", "books"}, {{"LONGSHORE_DEPLOY_ROLLBACK", "true"}, {"LONGSHORE_DEPLOY_IMAGE", "x"}, nowhere}, 1, far},
      {{"deploy", "books", "-rollback"}, {{"LONGSHORE_DEPLOY_IMAGE", "x"}, nowhere}, 1, far},
      {{"deploy", "books"}, {{"LONGSHORE_DEPLOY_COMPOSE", "x"}, {"LONGSHORE_DEPLOY_IMAGE", "x"}}, 2, which},
      {{"deploy", "books"}, {{"LONGSHORE_DEPLOY_ROLLBACK", "true"}, {"LONGSHORE_DEPLOY_ABORT", "true"}}, 2, which},
      {{"deploy", "books", "-rollback"}, {{"LONGSHORE_DEPLOY_ROLLBACK", "maybe"}}, 2, "LONGSHORE_DEPLOY_ROLLBACK"},
      {{"deploy", "books", "-image", "x"}, {{"LONGSHORE_DEPLOY_VARIABLES", "A=1,2\n\nB"}}, 2, "invalid value \"B\""},
      {{"deploy", "books", "-image", "x", "-keep", "5"}, {}, 2, "a unit is missing, did you mean 5s?"},
      {{"scale"}, {{"LONGSHORE_DEPLOY_SERVICE", "books"}, {"LONGSHORE_SCALE_INSTANCES", "many"}}, 2, "not many"},
      {{"scale"}, {{"LONGSHORE_DEPLOY_SERVICE", "books"}}, 2, "and how many"},
      {{"scale", "books"}, {{"LONGSHORE_SCALE_INSTANCES", "-1"}}, 2, "0 to 1000, not -1"},
  };
  for (const Said& row : cases) {
    const Outcome outcome = call_as("longshore", row.words, row.environment);
    CAPTURE(row.err);
    CAPTURE(outcome.err);
    CHECK(outcome.code == row.code);
    CHECK(outcome.err.find(row.err) != std::string::npos);
  }
}

TEST_CASE("every verb has a line of help and a usage that starts with its call") {
  for (const Verb& verb : verbs()) {
    const cli::Command command = verb.command();
    CHECK(command.name == verb.name);
    CHECK_FALSE(command.summary.empty());
    REQUIRE_FALSE(command.usage.empty());
    CHECK(command.usage.front().starts_with("longshore " + std::string(verb.name)));
    for (const cli::Option& option : command.options.all()) {
      CAPTURE(option.names.front());
      CHECK(option.help.ends_with('.'));
    }
  }
}

}  // namespace
}  // namespace longshore::app
