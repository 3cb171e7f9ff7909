#!/usr/bin/python3
"""Each lint finds its bad samples and leaves its good ones alone."""

import unittest

import co_await_rules
import dependencies
import file_size
import include_map
import sources
import template_output
import top_level

# (what the message must contain, code)
CO_AWAIT_BAD = [
    ("braces", "void f() { co_await g(Agg{1}); }"),
    ("braces", "void f() { co_await g({1, 2}); }"),
    ("braces", "void f() { Agg a{co_await x(), y}; }"),
    ("braces", "void f() { auto a = Agg{.x = co_await x()}; }"),
    ("braces", "void f() { co_return Agg{co_await x()}; }"),
    ("braces", "void f() { if (auto r = co_await g(Agg{}); r) { h(); } }"),
    ("braces", "void f() { while (co_await g({})) { h(); } }"),
    ("braces", "void f() { std::vector v{co_await a(), co_await b()}; }"),
    ("braces", "void f() { auto r = co_await g(\n      Agg{\n          .a = 1,\n      });\n}"),
    ("braces", "void f() { for (;;) { if (ok) co_await g(std::string{}); } }"),
    ("lambda", "void f() { co_await run([t] { use(t); }); }"),
    ("lambda", "void f() { co_await run([t](int a) -> int { return a; }); }"),
    ("lambda", "void f() { spawn(co_await executor(), [t]() mutable { use(t); }, token); }"),
    ("lambda", "void f() { auto x = co_await run(\n    [&] {\n      a();\n      b();\n    }); }"),
    ("?:", "void f() { co_await g(b ? s : t); }"),
    ("?:", "void f() { auto v = b ? co_await x() : y; }"),
    ("macro", "TEST_CASE(\"a\") { CHECK(co_await x()); }"),
    ("macro", "TEST_CASE(\"a\") { REQUIRE_EQ(co_await x(), 1); }"),
]
CO_AWAIT_GOOD = [
    "void f() { co_await g(); }",
    "void f() { if (co_await g()) { h(); } }",
    "void f() { if (auto r = co_await g(); r.ok()) { h(Agg{1}); } else { co_await k(); } }",
    "void f() { while (auto item = co_await queue.next()) { use({1}); } }",
    "void f() { for (auto& x : co_await list()) { use(x); } }",
    "void f() { switch (co_await g()) { case 1: co_await h(); break; default: { co_await k(); } } }",
    "void f() { auto a = Agg{1}; co_await g(std::move(a)); }",
    "void f() { Agg a{1, 2};\n co_await g(a); }",
    "void f() { auto l = [t]() -> task { co_await x(); co_return; }; co_await run(std::move(l)); }",
    "void f() { group.spawn([this]() -> Task<void> { co_await x(); }, {1}); }",
    "void f() { run([&] { return b ? 1 : 2; }); co_await x(); }",
    "void f() { auto [a, b] = co_await g(); const auto& [c, d] = co_await h(); }",
    "void f() { v[i] = co_await g(w[0]); co_return Agg{1}; }",
    "void f() { LS_TRY(auto x, co_await g()); co_return Status{}; }",
    "void f() { // co_await g({})\n /* co_await g({}) */ log(\"co_await g({})\"); }",
    "struct A { int a = 1; }; task f() { co_await g(); } enum class E { a, b };",
    "A::A(int a) : a_{a}, b_{2} { start(); }\ntask A::run() const { co_await g(); }",
    "task f() noexcept { try { co_await g(); } catch (const E& e) { log({1}); } }",
    "auto f() -> asio::awaitable<std::vector<int>> { co_await g(); }",
    "template <class T> auto operator co_await(T t) { return Agg{t}; }",
    "#define M(x) f({x})\ntask f() { co_await g(); }",
    "task f() { { std::lock_guard lock{m}; } (void)co_await g(); }",
    "task f() { int a[]{1, 2}; co_await g(a); for (int i{0}; i < 3; ++i) co_await g(i); }",
]
# (what the message must contain, path, code)
INCLUDE_BAD = [
    ("httplib.h is only for tests", "common/main/up.cpp", "#include <httplib.h>"),
    ("agent/core may not include json", "agent/core/plan.cpp", '#include "common/json/json.h"'),
    ("agent may not include renderer", "agent/agent.cpp", '#include "renderer/renderer.h"'),
    ("renderer/core may not include agent/core", "renderer/core/a.h", '#include "agent/core/plan.h"'),
    ("base may not include policy", "common/base/a.h", '#include "common/policy/backoff.h"'),
    ("agent may not include main", "agent/agent.cpp", '#include "common/main/up.h"'),
    ("no path from the root", "agent/agent.cpp", '#include "agent.h"\n'),
    ("is pure: no <boost/asio.hpp>", "agent/core/plan.cpp", "#include <boost/asio.hpp>"),
    ("is pure: no <thread>", "common/tmpl/eval.cpp", "# include <thread>"),
    ("is pure: no <unistd.h>", "common/policy/a.cpp", "#include <unistd.h>"),
    ("gets the time", "renderer/core/m.cpp", "auto t = std::chrono::steady_clock::now();"),
    ("nlohmann", "common/consul/codec.cpp", "#include <nlohmann/json.hpp>"),
    ("beast", "common/net/http_client.h", "#include <boost/beast/http.hpp>"),
    ("spdlog", "agent/agent.cpp", "#include <spdlog/spdlog.h>"),
    ("co_spawn", "agent/agent.cpp", "asio::co_spawn(ex, run(), token);"),
    ("detached", "renderer/renderer.cpp", "start(asio::detached);"),
    ("belongs to no zone", "common/new/a.cpp", ""),
]
INCLUDE_GOOD = [
    ("agent/core/plan.cpp", '#include "agent/core/plan.h"\n#include "common/docker/model.h"\n#include <vector>'),
    ("agent/agent.cpp", '#include <boost/asio/awaitable.hpp>\n#include "common/status/log.h"\nauto t = C::now();'),
    ("common/main/up.cpp", '#include "agent/agent.h"\n#include "renderer/renderer.h"'),
    ("common/json/json.cpp", "#include <nlohmann/json.hpp>"),
    ("common/net/http_client.cpp", "#include <boost/beast/http.hpp>"),
    ("common/async/task_group.cpp", "asio::co_spawn(ex, f(), asio::detached);"),
    ("common/policy/a.cpp", "// steady_clock::now() is not for us\n// #include <thread>\nint now(int);"),
    ("agent/agent.cpp", '#include "common/docker/api.h"\n/*\n#include "renderer/renderer.h"\n*/'),
]
LIST = "# c\na | build | why | find: A\nb | test poc | why\n"


class LintTest(unittest.TestCase):
    def test_co_await(self):
        for want, code in CO_AWAIT_BAD:
            found = co_await_rules.check("a.cpp", code)
            self.assertTrue(any(want in problem for problem in found), f"{want} not found in {code}: {found}")
        for code in CO_AWAIT_GOOD:
            self.assertEqual([], co_await_rules.check("a.cpp", code), code)

    def test_calls_that_return_aggregates(self):
        declared = ["struct Agg { int a; }; Agg make(); struct Class { Class(int a); }; Class build(); Agg Scope::told() const;",
                    "struct Two {}; struct Two { Two(); }; Two unclear();"]
        functions = co_await_rules.makers(declared)
        self.assertEqual({"make", "told"}, functions)
        for code in ("void f() { co_await g(make()); }", "void f() { auto a = co_await c.read(std::move(p), scope::told(1)); }"):
            self.assertEqual(1, len(co_await_rules.check("a.cpp", code, functions)), code)
        for code in ("void f() { auto a = make(); co_await g(a); }", "void f() { co_await g(build()); }",
                     "void f() { co_await make(); }", "void f() { Timer make(co_await executor()); }",
                     "void f() { co_await g(std::make(1), a.make()); }"):
            self.assertEqual([], co_await_rules.check("a.cpp", code, functions), code)

    def test_co_await_names_the_line(self):
        found = co_await_rules.check("a.cpp", "// one\nvoid f() {\n  co_await g({});\n}\n")
        self.assertEqual(["a.cpp:3"], [problem.split(": ")[0] for problem in found])

    def test_include_map(self):
        for want, path, code in INCLUDE_BAD:
            found = include_map.check(path, code)
            self.assertTrue(any(want in problem for problem in found), f"{want} not found in {path} {code}: {found}")
        for path, code in INCLUDE_GOOD:
            self.assertEqual([], include_map.check(path, code), path)

    def test_file_size(self):
        self.assertEqual([], file_size.check("a.cpp", "x\n" * 400))
        self.assertEqual([], file_size.check("a.md", "x\n" * 900))
        self.assertEqual([], file_size.check("words", "x\n" * 900))
        self.assertIn("401 lines", file_size.check("a.py", "x\n" * 400 + "x")[0])
        self.assertIn("501 lines", file_size.check("script", "#!/bin/sh\n" + "x\n" * 500)[0])

    def test_top_level(self):
        house = ["README.md", "agent/README.md", "agent/core/README.md", "agent/core/a.cpp", ".gitignore", "common/README.md",
                 "common/base/README.md", "common/base/a.h"]
        self.assertEqual([], top_level.check(house))
        self.assertIn("scripts:1", top_level.check(house + ["scripts/a.sh"])[0])
        for folder in ("common/base", "agent/core"):
            self.assertIn(f"{folder}:1", top_level.check([path for path in house if path != f"{folder}/README.md"])[0])
        self.assertIn("tests/rig:1", top_level.check(house + ["tests/README.md", "tests/rig/a.py"])[0])

    def test_dependencies(self):
        readme = dependencies.with_table(f"a\n{dependencies.BEGIN}\n{dependencies.END}\nb", dependencies.parse(LIST)[0])
        self.assertIn("| a | build | why |", readme)
        good = [("c.cmake", "find_package(A 1.2 REQUIRED)\n# find_package(B)\n")]
        self.assertEqual([], dependencies.check(LIST, good, readme))
        bad = [("c.cmake", "\npkg_check_modules(X REQUIRED IMPORTED_TARGET A>=2 bee)")]
        self.assertIn("c.cmake:2: bee", dependencies.check(LIST, bad, readme)[0])
        self.assertIn("out of date", dependencies.check(LIST + "d | build | new\n", good, readme)[0])
        self.assertIn("no table", dependencies.check(LIST, good, "")[0])
        for row in ("a | build", "a | nonsense | why", "a | build | why | oops", "a | build | why\na | test | why"):
            self.assertTrue(dependencies.parse(row)[1], row)

    def test_template_output(self):
        good = '{{- $a := key "b" -}}{{ if $a }}{{ nginxQuote $a }}{{ else }}{{ nginxName (print 1) }}{{ end }}{{/* c */}}'
        self.assertEqual([], template_output.check("a.ctmpl", good))
        bad = "\n{{ .ServiceMeta.host }}", "x\n{{- $a -}}", "\n{{ nginxQuote $a | printf \"%s\" }}", "\n{{\n.Name }}"
        for text in bad:
            self.assertIn("a.ctmpl:2: ", template_output.check("a.ctmpl", text)[0])
        self.assertIn("does not write", template_output.check("site.conf.ctmpl", good)[0])

    def test_code_only(self):
        text = 'a("x//y"); // c\nR"(b\n"c)"; \'"\' /* d\n */ 1\'000 e'
        self.assertEqual('a(""); \n""\n; \'0\' \n 1\'000 e', sources.code_only(text))


if __name__ == "__main__":
    unittest.main()
