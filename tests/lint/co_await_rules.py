#!/usr/bin/python3
"""An expression that contains co_await contains no braces, no lambda, no `?:` and no call that returns an aggregate (g++ 12
destroys such temporaries twice), and doctest macros take values, not awaits."""

import re
from bisect import bisect_left

import sources

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|\+\+|--|&&|\|\||[<>=!]=|\"\"|'0'|[^\s\w]")
OPENING = {"(": ")", "[": "]", "{": "}"}
CONTROL = {"if", "while", "for", "switch", "catch"}
TYPE_WORDS = {"class", "struct", "union", "enum", "namespace", "extern", "concept"}
AFTER_HEAD = {"const", "noexcept", "override", "final", "mutable", "else", "do", "try", "constexpr", "requires"}
DOCTEST = re.compile(r"(?:CHECK|REQUIRE|WARN)(?:_\w+)?$|(?:FAST_)?(?:CHECK|REQUIRE|WARN)_\w+$|INFO$|CAPTURE$")


class Tokens:
    def __init__(self, text):
        # Preprocessor lines are no expressions; they keep their line breaks.
        code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: "\n" * m.group(0).count("\n"),
                      sources.code_only(text), flags=re.MULTILINE)
        line_ends = [match.start() for match in re.finditer("\n", code)]
        found = list(TOKEN.finditer(code))
        self.words = [match.group(0) for match in found]
        self.lines = [bisect_left(line_ends, match.start()) + 1 for match in found]
        self.partner = {}
        stack = []
        for at, word in enumerate(self.words):
            if word in OPENING:
                stack.append(at)
            elif word in OPENING.values() and stack:
                self.partner[at] = stack.pop()
                self.partner[self.partner[at]] = at
        # Openings are classified from left to right: each depends on what is before it.
        self.block, self.lambdas = set(), set()
        for at, word in enumerate(self.words):
            if word == "[" and self.is_lambda(at):
                self.lambdas.add(at)
            elif word == "{" and self.is_block(at):
                self.block.add(at)

    def word(self, at):
        return self.words[at] if 0 <= at < len(self.words) else ""

    def is_lambda(self, at):
        before = self.word(at - 1)
        if before == "[" or self.word(at + 1) == "[":
            return False  # attribute
        bindings = at - 1
        while self.word(bindings) in ("&", "&&"):
            bindings -= 1
        if self.word(bindings) == "auto":
            return False  # structured bindings
        if before in ("return", "co_return", "co_yield", "co_await"):
            return True
        return not (re.match(r"\w", before) or before in (")", "]", '""', ">"))

    def is_block(self, at):
        """Whether the `{` at this position opens statements or a body, not the values of an initialiser."""
        before = self.word(at - 1)
        if before in ("", ";") or before in AFTER_HEAD:
            return True
        if before == "{":
            return at - 1 in self.block
        if before == "}":
            opening = self.partner.get(at - 1, -1)
            return opening in self.block or self.in_constructor_head(opening)
        if before == ":":
            return True
        if before == ")":
            return True
        if before == "]":
            return self.partner.get(at - 1) in self.lambdas
        return self.follows_type_head(at) or self.follows_return_type(at)

    def in_constructor_head(self, at):
        """`: a_{1}, b_{2} {`: the brace after the last member opens the body."""
        while at > 0:
            name = at - 1
            before = self.word(name - 1)
            if before == ":":
                return True
            if before != ",":
                return False
            closing = name - 2
            if self.word(closing) not in ("}", ")"):
                return False
            at = self.partner.get(closing, -1)
        return False

    def statement_head(self, at):
        """First token of the statement that ends before `at`, at the same nesting."""
        while at > 0:
            before = self.word(at - 1)
            if before in (")", "]", "}"):
                opening = self.partner.get(at - 1, at - 1)
                if before == "}" and opening in self.block:
                    return at
                at = opening
            elif before in ("(", "[", "{", ";"):
                return at
            else:
                at -= 1
        return 0

    def follows_type_head(self, at):
        head = self.statement_head(at)
        words = self.words[head:at]
        return "=" not in words and any(word in TYPE_WORDS for word in words)

    def follows_return_type(self, at):
        """`) -> Type {`: the body of a function or a lambda."""
        at -= 1
        while re.match(r"\w|::$|[<>,*&]", self.word(at)) or self.word(at) in (")", "]"):
            if self.word(at) in (")", "]"):
                at = self.partner.get(at, 0)
            at -= 1
        return self.word(at) == "->" and (self.word(at - 1) in (")", "]") or self.word(at - 1) in AFTER_HEAD)

    def expression(self, at):
        """Token range of the full expression or statement around `at`."""
        start = end = at
        while start > 0:
            before = self.word(start - 1)
            if before == ";" or (before == "{" and start - 1 in self.block):
                break
            if before == "(" and self.word(start - 2) in CONTROL | {"constexpr"}:
                break
            if before == "}" and self.partner.get(start - 1) in self.block and not self.lambda_body(start - 1):
                break
            if before == ")" and self.word(self.partner.get(start - 1, 0) - 1) in CONTROL | {"constexpr"}:
                break
            start = self.partner.get(start - 1, start - 1) if before in OPENING.values() else start - 1
        while end < len(self.words) - 1:
            after = self.word(end + 1)
            if after == ";" or (after == "{" and end + 1 in self.block and not self.lambda_body_at(end + 1)):
                break
            if after == "}" and self.partner.get(end + 1) in self.block:
                break
            if after == ")" and self.word(self.partner.get(end + 1, 0) - 1) in CONTROL | {"constexpr"}:
                break
            end = self.partner.get(end + 1, end + 1) if after in OPENING else end + 1
        return start, end

    def makes(self, at, functions):
        """Whether a call of one of these functions is here; not of a member, of std::, a declaration or what is awaited itself."""
        before = self.word(at - 1)
        declared = re.match(r"\w", before) and before not in ("return", "co_return", "co_yield")
        return (self.word(at) in functions and self.word(at + 1) == "(" and before not in (".", "->", "co_await")
                and not declared and (before != "::" or self.word(at - 2) != "std"))

    def lambda_body(self, closing):
        return self.lambda_body_at(self.partner.get(closing, 0))

    def lambda_body_at(self, opening):
        """Whether a block is the body of a lambda: going back over its head ends at its `[`."""
        at = opening - 1
        while at > 0 and self.word(at) not in (";", "{", "}", "(", ","):
            if self.word(at) == "]":
                return self.partner.get(at) in self.lambdas
            at = self.partner.get(at, at) - 1 if self.word(at) == ")" else at - 1
        return False


def aggregates(tokens):
    """(name, whether it is one) of each struct with a body: one without a constructor of its own."""
    for at, word in enumerate(tokens.words):
        name = tokens.word(at + 1)
        if word != "struct" or not re.match(r"[A-Za-z_]", name):
            continue
        opening = at + 2
        while tokens.word(opening) not in ("", "{", ";", "(", ")", ">", ","):
            opening += 1
        if tokens.word(opening) == "{":
            body = range(opening, tokens.partner.get(opening, opening))
            yield name, not any(tokens.word(i) == name and tokens.word(i + 1) == "(" for i in body)


def makers(texts):
    """Names of the functions that return an aggregate: `Aggregate name(` or `Aggregate Scope::name(`."""
    files = [Tokens(text) for text in texts]
    found = [pair for tokens in files for pair in aggregates(tokens)]
    # Names are all that is known of a type: where two types share one, it is left out.
    types = {name for name, is_one in found if is_one} - {name for name, is_one in found if not is_one}
    functions = set()
    for tokens in files:
        for at, word in enumerate(tokens.words):
            name = at + 1
            while tokens.word(name + 1) == "::":
                name += 2
            if word in types and tokens.word(name + 1) == "(" and re.match(r"[A-Za-z_]", tokens.word(name)):
                functions.add(tokens.word(name))
    return functions


def check(path, text, functions=frozenset()):
    if "co_await" not in text:
        return []
    tokens = Tokens(text)
    problems = []
    for at, word in enumerate(tokens.words):
        if word != "co_await" or tokens.word(at - 1) == "operator":
            continue
        start, end = tokens.expression(at)
        where = f"{path}:{tokens.lines[at]}: "
        span = range(start, end + 1)
        if any(tokens.word(i) == "{" and i not in tokens.block for i in span):
            problems.append(where + "co_await and braces in one expression: build the value on the line above")
        if any(i in tokens.lambdas for i in span):
            problems.append(where + "co_await and a lambda in one expression: name the lambda on the line above")
        if any(tokens.word(i) == "?" for i in span):
            problems.append(where + "co_await and ?: in one expression: use if and else")
        if any(tokens.makes(i, functions) for i in span):
            problems.append(where + "co_await and a call that returns an aggregate in one expression: name it on the line above")
        if any(DOCTEST.match(tokens.word(i)) and tokens.word(i + 1) == "(" for i in span):
            problems.append(where + "co_await inside a test macro: take the value first")
    return problems


def main():
    paths = [path for path in sources.files() if path.endswith((".h", ".cpp"))]
    texts = {path: sources.read(path) for path in paths}
    functions = makers(text for path, text in texts.items() if not path.startswith("tests/"))
    problems = [problem for path, text in texts.items() for problem in check(path, text, functions)]
    sources.report(problems, f"{len(paths)} files looked at")


if __name__ == "__main__":
    main()
