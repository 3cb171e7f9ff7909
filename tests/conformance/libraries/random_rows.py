"""Random calls of the library functions, for differential.py --libraries: sprig, YAML, TOML, spew and JSON over values of
every kind, and random YAML documents, half of them damaged."""

import json
import random

# Functions by the types of their parameters, "..." for any number; s string, i int, f float, b bool, a anything, l list,
# m map, t time, r regular expression, v version, d layout. Not here: what depends on time, chance or costs seconds; what
# Debian's older libraries answer otherwise (camelcase, merge and its kind, see cases/by_hand.json).
FUNCTIONS = {
    "i...": "seq",
    "a...": "add addf all any cat coalesce concat list quote squote tuple max min mul maxf minf mulf biggest subf divf",
    "m...": "keys",
    "aa...": "default slice without mustWithout mustSlice",
    "i": "until", "iii": "untilStep", "iis": "abbrevboth substr", "ia": "chunk mustChunk",
    "is": "abbrev indent nindent repeat trunc wrap", "iss": "wrapWith",
    "a": """add1 add1f ceil compact deepCopy duration durationRound empty first float64 floor initial int int64 kindOf last
        mustCompact mustDeepCopy mustFirst mustInitial mustLast mustRest mustReverse mustToJson mustToPrettyJson mustToRawJson
        mustUniq rest reverse sortAlpha toDecimal toJson toPrettyJson toRawJson toString toStrings typeOf uniq""",
    "ai": "round", "af": "round", "aii": "round",
    "aa": "append deepEqual div has mod mustAppend mustHas mustPrepend mustPush prepend push sub",
    "aab": "ternary", "m": "urlJoin values", "ms": "get hasKey unset omit pick", "mss": "omit pick", "msa": "set",
    "sam": "dig", "ssam": "dig",
    "s": """adler32sum atoi b32dec b32enc b64dec b64enc base clean dir ext fromJson initials isAbs kebabcase lower mustFromJson
        nospace osBase osClean osDir osExt osIsAbs regexQuoteMeta sha1sum sha256sum snakecase swapcase title trim untitle upper
        urlParse toDecimal""",
    "smm": "pluck", "sm": "pluck", "sis": "splitn", "sl": "join", "sa": "join kindIs typeIs typeIsLike",
    "ss": "contains hasPrefix hasSuffix split splitList trimAll trimPrefix trimSuffix trimall", "ds": "toDate mustToDate",
    "ssi": "plural", "rs": "regexMatch mustRegexMatch regexFind mustRegexFind",
    "rsi": "regexFindAll mustRegexFindAll regexSplit mustRegexSplit",
    "rss": "regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral mustRegexReplaceAllLiteral",
    "sss": "replace", "v": "semver", "cv": "semverCompare", "st": "mustDateModify", "t": "unixEpoch",
}
ENCODERS = ["toYAML", "toTOML", "spew_sdump", "toJSON", "toJSONPretty", "toUnescapedJSON", 'spew_sprintf "%v"',
            'spew_sprintf "%+v"', 'spew_sprintf "%#v"', 'printf "%v"', 'printf "%+v"', 'printf "%#v"', 'printf "%T"',
            'printf "%q"', 'printf "%s"', 'printf "%x"', 'printf "%d"', "print", "sprig_toJson", "sprig_toString", "sprig_quote"]
TEXTS = ["", "a", "b", "abc", "Hello World", "foo_bar-baz", "aGk=", "NBSWY3DP", "é√ x", "1", "-7", "3.5", "1e3", "0x1f", "017", "true",
         "no", "~", "null", "a,b,,c", "  pad  ", "line\nnext", "tab\there", "k: v", "# c", "- x", "'q'", '"q"', "%d %s", "<&>", "/a/b.c",
         "../x/./y//z", "http://u:p@h:80/p?q=1#f", "1h30m", "90s", "\x01", "\x7f", "\u2028", "🙂", "2020-02-03", "12:30:45", "!x", "&a", "*a",
         "[1]", "{a: b}", "|", ">", "@", "`", "=", "<<", ".5", "+1", "1_000", "a: b: c", "trailing ", " leading", "x#y", "x #y", "HTTPServer",
         '{"a":[1,2.5,null,"x"],"b":{"c":true}}', "[1,{}]", "sheep", "Ünïcode Wörds"]
PATTERNS = ["a", "[a-c]+", "(.)(.)", "^x*", "(?i)H", "\\d+", "", "(", "a|b|", "\\s", "[^a]", "(?P<n>b)", ".*?l", "\\bW", "x{2,1}", "[", "*a"]
LAYOUTS = ["2006-01-02", "2006-01-02T15:04:05Z07:00", "15:04:05", "Jan _2 2006", "Mon, 02 Jan 2006 15:04:05 MST", "2006", "x"]
DATES = ["2020-02-30", "2020-02-29", "2021-03-04T05:06:07Z", "2021-03-04T05:06:07+02:00", "23:59:59", "Feb  3 2010", "2020", "x", ""]
VERSIONS = ["1.2.3", "v1.2", "1", "1.2.3-beta.1+build", "1.0.0-alpha", "x", "", "2.0.0", "01.2.3", "1.2.3-rc.1"]
CONSTRAINTS = ["^1.2", "~1.2.3", ">=1.0, <2", "1.x", "*", "!=1.2.3", "1.2 - 1.4", ">1 || <0.5", "x", "", "=1.2.3", "^0.2.3"]
NUMBERS = ["0", "1", "2", "3", "-1", "10", "255", "-42", "1000000", "9223372036854775807"]
FLOATS = ["0.0", "1.5", "-2.25", "1e21", "1e-7", "0.1", "123456789.0", "1e6", "2.0"]
FIELDS = ["B", "I", "I8", "U64", "F", "F32", "S", "Empty", "SI", "SS", "SB", "SNil", "AI", "MSI", "MSS", "MIS", "MBS", "MNil", "MAny", "Any",
          "AnyNil", "AnyS", "AnyList", "St", "PNil", "LV", "Level", "L", "P"]


class LibraryRows:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.table = [(name, types) for types, names in FUNCTIONS.items() for name in names.split()]

    def pick(self, values):
        return values[self.random.randrange(len(values))]

    def chance(self, percent):
        return self.random.random() * 100 < percent

    @staticmethod
    def quoted(text):
        out = json.dumps(text, ensure_ascii=False)
        return out.replace("\x7f", "\\u007f")

    def value(self, kind, depth):
        if self.chance(4):
            kind = self.pick("sifblma")
        if depth > 0 and self.chance(25):
            return "(" + self.call(depth - 1) + ")"
        pick = self.pick
        if kind == "a":
            if self.chance(25):
                return "." + pick(FIELDS)
            kind = pick("sssiiffblm")
            if self.chance(5):
                return pick(["nil", "true", "1i", "'a'", "(sprig_toDate \"2006\" \"2020\")", "(sprig_semver \"1.2.3\")"])
        if kind == "l":
            if self.chance(20):
                return "." + pick(["SI", "SS", "SNil", "AnyList", "L", "LV", "AI"])
            parts = [self.value("a", depth - 1) for _ in range(self.random.randrange(0, 4))]
            return "(" + " ".join(["sprig_list"] + parts) + ")"
        if kind == "m":
            if self.chance(15):
                return "." + pick(["MAny", "MSS", "MSI", "MIS", "MNil"])
            parts = []
            for _ in range(self.random.randrange(0, 4)):
                parts += [self.quoted(pick(TEXTS)) if self.chance(30) else '"' + pick("abcxyz") + '"', self.value("a", depth - 1)]
            return "(" + " ".join(["sprig_dict"] + parts) + ")"
        if kind == "t":
            return f"(sprig_toDate {self.quoted(pick(LAYOUTS))} {self.quoted(pick(DATES))})"
        return {"s": lambda: self.quoted(pick(TEXTS)), "i": lambda: pick(NUMBERS), "f": lambda: pick(FLOATS),
                "b": lambda: pick(["true", "false"]), "r": lambda: self.quoted(pick(PATTERNS)),
                "v": lambda: self.quoted(pick(VERSIONS)), "c": lambda: self.quoted(pick(CONSTRAINTS)),
                "d": lambda: self.quoted(pick(LAYOUTS))}[kind]()

    def call(self, depth):
        name, types = self.pick(self.table)
        if types.endswith("..."):
            types = types[:-3]
            types += types[-1] * self.random.randrange(0, 3)
        if name in ("until", "untilStep", "seq", "repeat", "indent", "nindent"):  # large numbers make large texts
            numbers = ["0", "1", "2", "3", "-1", "10"]
            parts = [self.pick(numbers) if kind == "i" else self.value(kind, 0) for kind in types]
        else:
            parts = [self.value(kind, depth) for kind in types]
        return " ".join(["sprig_" + name] + parts)

    # ---- YAML

    def yaml_scalar(self):
        text = self.pick(TEXTS)
        roll = self.random.random()
        if roll < 0.5:
            return text.replace("\n", " ") if self.chance(60) else self.pick(["a", "1", "x y", "2.5", "yes", "~", "0x1F"])
        if roll < 0.7:
            return "'" + text.replace("'", "''") + "'"
        if roll < 0.9:
            return json.dumps(text)
        return self.pick(["[a, b]", "{k: v}", "[]", "{}", "!!str 5", "!!int '7'", "&n v", "*n", "[[1], {a: [2]}]", "!!float 3"])

    def yaml_block(self, indent, depth):
        pad = " " * indent
        if depth == 0 or self.chance(30):
            return self.pick([f" {self.yaml_scalar()}\n", f" |\n{pad}  text\n{pad}  more\n", f" >-\n{pad}  a\n{pad}  b\n", "\n"])
        step = self.pick([1, 2, 2, 4])
        out = "\n"
        if self.chance(50):
            inner = " " * (indent + (0 if self.chance(20) and indent else step))
            for _ in range(self.random.randrange(1, 4)):
                out += inner + "-" + self.yaml_block(len(inner), depth - 1)
        else:
            inner = pad + " " * step
            for _ in range(self.random.randrange(1, 4)):
                key = self.pick(["a", "b", "key", "x y", "1", "true", '"q"', "'r'", "~", "<<", "c"])
                out += inner + key + ":" + self.yaml_block(len(inner), depth - 1)
        if self.chance(10):
            out += inner + "# note\n"
        return out

    def yaml_document(self):
        text = self.yaml_block(-1 if self.chance(0) else 0, self.random.randrange(0, 4)).lstrip("\n")
        if self.chance(70):  # back to the first column
            lines = text.split("\n")
            common = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
            text = "\n".join(line[common:] for line in lines)
        if self.chance(10):
            text = self.pick(["---\n", "--- ", "# c\n", "%YAML 1.1\n---\n", "\n"]) + text
        if self.chance(8):
            text += self.pick(["---\nb: 2\n", "...\n", "...\nx\n", "# end", "b: 2\n", "- 1\n", "x\n", "]\n"])
        if self.chance(35) and text:
            at = self.random.randrange(len(text))
            length = self.random.randrange(1, 4)
            text = self.pick([lambda: text[:at] + text[at + length:], lambda: text[:at] + text[at:at + length] + text[at:],
                              lambda: text[:at] + self.pick(list(":-?[]{},#&*!|>'\"%@` \n\tax1")) + text[at + 1:]])()
        return text

    def row(self):
        roll = self.random.random()
        if roll < 0.25:
            return {"template": "{{$x := parseYAML " + self.quoted(self.yaml_document()) + '}}{{printf "%#v" $x}}', "data": "T"}
        if roll < 0.6:
            return {"template": "{{" + self.pick(ENCODERS) + " " + self.value(self.pick("aalm"), 2) + "}}", "data": "T"}
        call = self.call(2)
        if self.chance(40):
            call = self.pick(ENCODERS) + " (" + call + ")"
        return {"template": "{{" + call + "}}", "data": "T"}
