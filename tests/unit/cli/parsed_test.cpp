#include "common/cli/parsed.h"

#include <doctest/doctest.h>

#include "common/cli/parser.h"
#include "tests/unit/cli/sample_table.h"

namespace longshore::cli {
namespace {

using Strings = std::vector<std::string>;

Parsed with_layers(Precedence precedence, const std::vector<Origin>& layers) {
  Parsed parsed(sample_table(), precedence);
  for (const Origin layer : layers) REQUIRE(parsed.set(layer, "t", to_string(layer), "test").has_value());
  return parsed;
}

TEST_CASE("layers win in the order of the contract") {
  using enum Origin;
  struct Case {
    std::vector<Origin> layers;
    Origin own;
    Origin consul_template;
  };
  const Case cases[] = {
      {{}, fallback, fallback},
      {{environment}, environment, environment},
      {{file}, file, file},
      {{file, environment}, environment, file},
      {{local_config, file}, local_config, local_config},
      {{environment, local_config}, environment, local_config},
      {{environment, file, local_config}, environment, local_config},
      {{environment, file, local_config, option}, option, option},
  };
  for (const Case& row : cases) {
    CHECK(with_layers(Precedence::own, row.layers).origin("t") == row.own);
    CHECK(with_layers(Precedence::consul_template, row.layers).origin("text") == row.consul_template);
  }
  CHECK(with_layers(Precedence::own, {file, environment}).text("t") == "environment");
  CHECK(with_layers(Precedence::consul_template, {file, environment}).text("t") == "file");
}

TEST_CASE("variables: the first that is set and not empty wins, options beat them") {
  const auto text = [](const Strings& arguments, const Environment& environment) {
    return parse(sample_table(), arguments, {}, environment)->text("t");
  };
  CHECK(text({}, {{"T_FIRST", "1"}, {"T_SECOND", "2"}}) == "1");
  CHECK(text({}, {{"T_SECOND", "2"}}) == "2");
  CHECK(text({}, {{"T_FIRST", ""}, {"T_SECOND", "2"}}) == "2");
  CHECK(text({"-t", "o"}, {{"T_FIRST", "1"}}) == "o");
  CHECK(text({"-t", ""}, {{"T_FIRST", "1"}}) == "");
  const Result<Parsed> list = parse(sample_table(), {}, {}, {{"L_MANY", "a, b,c"}});
  CHECK(list->list("l") == Strings{"a", "b", "c"});
  CHECK(list->origin("l") == Origin::environment);
  // Values with commas.
  const OptionTable lines({{.names = {"e"}, .kind = Kind::list, .env = {"E_LINES"}, .env_separator = '\n'}});
  const Result<Parsed> pairs = parse(lines, {}, {}, {{"E_LINES", "A=1,2\n\n  B=3 \n"}});
  CHECK(pairs->list("e") == Strings{"A=1,2", "B=3"});
}

TEST_CASE("a layer can be asked alone") {
  Parsed parsed(sample_table());
  REQUIRE(parsed.set(Origin::file, "l", "f", "test").has_value());
  REQUIRE(parsed.set(Origin::option, "l", "o", "test").has_value());
  CHECK(parsed.list("l") == Strings{"o"});
  CHECK(parsed.list_of("l", Origin::file) == Strings{"f"});
  CHECK(parsed.list_of("l", Origin::environment).empty());
  CHECK(parsed.is_set_by("l", Origin::file));
  CHECK_FALSE(parsed.is_set_by("l", Origin::environment));
  CHECK(parsed.is_set("l"));
  CHECK_FALSE(parsed.is_set("t"));
}

TEST_CASE("errors name the place") {
  Parsed parsed(sample_table());
  const Status status = parsed.set(Origin::file, "d", "soon", "site.hcl:3: resync");
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().text == R"(invalid value "soon" for site.hcl:3: resync: parse error)");
  CHECK_FALSE(parsed.is_set("d"));
}

TEST_CASE("a prefixed table gives its part back under the plain names") {
  const OptionTable agent = sample_table();
  const Result<Parsed> all = parse(agent.prefixed("agent."), {"-agent.t", "v", "-agent.b", "-agent.l=x"});
  REQUIRE(all.has_value());
  const Parsed part = all->part("agent.", agent);
  CHECK(part.text("t") == "v");
  CHECK(part.boolean("bool"));
  CHECK(part.list("l") == Strings{"x"});
  CHECK(part.origin("t") == Origin::option);
  CHECK(part.integer("n") == 7);
}

}  // namespace
}  // namespace longshore::cli
