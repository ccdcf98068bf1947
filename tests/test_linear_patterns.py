"""Every pattern of the package reads what was made to hold it up, and takes twice as long for twice as much.

The strings are made of a pattern's own letters: each letter and each body of a repeat over and over, also behind what
leads to it and before what cannot follow, pairs of letters, and its pieces one after another.
"""

import ast
import importlib
import inspect
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "rag"
SIZE = 1_000
"""Characters: a pattern that looks at every pair of places needs some 5 ms for so many."""
FLOOR = 0.003
"""Seconds below which nothing is judged: a linear pattern needs a tenth of it."""
GROWTH = 3.0
"""Times as long for twice as much: 2 is linear, 4 quadratic."""
CAP = 1.0
"""Seconds after which a run is broken off."""
MOST_LETTERS, MOST_PAIRED, MOST_PIECES = 50, 6, 6
SCANS = frozenset({"search", "sub", "subn", "split", "findall", "finditer"})
METHODS = SCANS | {"match", "fullmatch"}
ENDS = ("", "\0", "。a1 ")

parser: Any = importlib.import_module("re._parser")
Node = tuple[Any, Any]

# Patterns put together at run time: of escaped words and classes, without a repeat that could be read in two ways.
MADE = frozenset(
    [
        r"rag.answering.constraints:f'(?<![a-z0-9.])\\d+{re.escape(letters)}(?![a-z0-9])'",
        "rag.answering.constraints:f'[在来驻赴抵离全][{short}]|[{short}][城市内企]'",
        r"rag.text.lexicon:f'(?<![a-z0-9.]){re.escape(form)}(?![a-z0-9])'",
        r"rag.answering.candidates:f'(?<![\\d.]){re.escape(fold(said))}'",
        "rag.server.routes:route.path_regex.pattern",
        "rag.server.addresses:said + '(?s:.*)' * (path.endswith('/') and path != '/')",
        "rag.tracing:f'{before}{looked_for}{after}'",
        "rag.query.spelling:f'{left}([一-鿿]){right}'",
        "rag.query.spelling:f'^{one}|{one}$'",
        "rag.text.sentences:f\"[{re.escape(marks)}]|[{re.escape(''.join(BRACKETS))}]\"",
        "rag.text.sentences:f\"[{LINE_ENDS}{re.escape(''.join([*kinds, *kinds.values()]))}]\"",
        "rag.query.expansion:f'{before}{re.escape(name)}{after}'",
        "rag.retrieval.keywords:'|'.join(map(re.escape, sorted(filter(None, words), key=len, reverse=True))) or '(?!)'",
    ]
)
KEPT = re.compile("re.Pattern")
"""What a function returns that makes one pattern and keeps it."""


@dataclass(frozen=True)
class Use:
    """A pattern, where it stands and how it is called."""

    place: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


def modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    """Yield the modules that use `re`, the only ones that are worth importing, with their sources."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.Import) and node.names[0].name == "re" for node in ast.walk(tree)):
            name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
            yield importlib.import_module(name), tree


def within(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns of a value, its items and its fields."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping) and depth < 4:
        for key, item in value.items():
            yield from (*within(key, depth + 1), *within(item, depth + 1))
    elif isinstance(value, list | tuple | set | frozenset) and depth < 4:
        for item in value:
            yield from within(item, depth + 1)
    elif hasattr(value, "__slots__") and type(value).__module__.startswith("rag.") and depth < 4:
        for name in value.__slots__:
            yield from within(getattr(value, name, None), depth + 1)


def defined(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield the patterns that a module and its classes hold, by name."""
    own = {target for node in tree.body for target in targets(node)}
    for name, value in vars(module).items():
        if name in own:
            yield from ((name, pattern) for pattern in within(value))
        if name in {node.name for node in makers(tree)}:
            yield name, value()
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for inner, held in vars(value).items():
                yield from ((f"{name}.{inner}", pattern) for pattern in within(held))


def targets(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds."""
    if isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def called(trees: Iterable[tuple[ModuleType, ast.Module]]) -> Mapping[str, frozenset[str]]:
    """Return the methods that are called on each `module.NAME`; `NAME` alone where one cannot tell the module.

    A match from a given place on is part of a scan.
    """
    found: dict[str, set[str]] = {}
    for module, tree in trees:
        homes = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                name = ast.unparse(node.value)
                place = (
                    homes.get(name, f"{module.__name__}.{name}")
                    if name.isidentifier()
                    else name.split(".")[-1]
                )
                found.setdefault(place, set()).add(node.attr)
            if isinstance(node, ast.Call) and len(node.args) > 1:
                name, _, method = ast.unparse(node.func).rpartition(".")
                if method in ("match", "fullmatch") and name != "re":
                    found.setdefault(homes.get(name, f"{module.__name__}.{name}"), set()).add("search")
    return {name: frozenset(methods) for name, methods in found.items()}


def makers(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions that need nothing to make a pattern."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.returns and not node.args.args:
            yield from [node] * bool(KEPT.match(ast.unparse(node.returns)))


def found_otherwise(tree: ast.Module) -> Iterator[str]:
    """Yield what is compiled in functions that are called here, and in comprehensions over a table of patterns."""
    made = [*makers(tree), *(node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign))]
    for node in made:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "re.compile":
                yield ast.unparse(inner.args[0])


def written(name: str, module: ModuleType, tree: ast.Module) -> Iterator[Use]:
    """Yield the patterns that are handed to the functions of `re`; raises AssertionError for what cannot be known."""
    elsewhere = {f"{name}:{text}" for text in found_otherwise(tree)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if ast.unparse(node.func.value) != "re" or node.func.attr not in METHODS | {"compile"}:
            continue
        place = f"{name}:{node.lineno}"
        flags = [a for a in node.args[1:] if "re." in ast.unparse(a)] + [
            k.value for k in node.keywords if k.arg == "flags"
        ]
        try:
            values = [eval(ast.unparse(part), vars(module)) for part in (node.args[0], *flags)]
        except NameError:
            assert f"{name}:{ast.unparse(node.args[0])}" in MADE | elsewhere, (
                f"{place} makes a pattern at run time"
            )
            continue
        method = "search" if node.func.attr == "compile" else node.func.attr
        if isinstance(values[0], str) and node.func.attr != "compile":
            yield Use(place, re.compile(*values), frozenset({method}))


def uses() -> Iterator[Use]:
    """Yield every pattern of the package once."""
    known = list(modules())
    methods = called(known)
    seen: set[int] = set()
    for module, tree in known:
        for name, pattern in defined(module, tree):
            if id(pattern) not in seen and isinstance(pattern.pattern, str):
                seen.add(id(pattern))
                place = f"{module.__name__}.{name}"
                found = methods.get(place) or methods.get(name.split(".")[-1]) or frozenset({"search"})
                yield Use(place, pattern, found)
        yield from written(module.__name__, module, tree)


class Parsed:
    """What a pattern is made of."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.letters: dict[str, None] = {}
        self.repeats: list[tuple[str, str]] = []
        """what leads to a repeat, and one round of it"""
        self.pieces: list[str] = []
        tree = parser.parse(pattern.pattern, pattern.flags)
        if pattern.flags & re.MULTILINE:
            self.letters["\n"] = None
        self.example = self._read(list(tree), "")
        self.pieces = [piece for piece in (self._text(node) for node in self._flat(tree)) if piece]

    def _flat(self, nodes: Sequence[Node]) -> Iterator[Node]:
        for op, args in nodes:
            if str(op) == "SUBPATTERN":
                yield from self._flat(args[3])
            elif str(op) == "BRANCH":
                for branch in args[1]:
                    yield from self._flat(branch)
            else:
                yield op, args

    def _read(self, nodes: Sequence[Node], before: str) -> str:
        """Return an example of the nodes, keeping letters and repeats on the way."""
        said = ""
        for op, args in nodes:
            if str(op) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                low, high, body = args
                one = self._read(list(body), before + said)
                if high > 3:
                    self.repeats.append((before + said, one))
                said += one * max(low, 1)
            elif str(op) == "BRANCH":
                said += max((self._read(list(branch), before + said) for branch in args[1]), key=len)
            elif str(op) in ("SUBPATTERN", "ATOMIC_GROUP"):
                said += self._read(list(args[3] if str(op) == "SUBPATTERN" else args), before + said)
            elif str(op) in ("ASSERT", "ASSERT_NOT"):
                self._read(list(args[1]), before + said)
            else:
                said += self._text((op, args))
        return said

    def _text(self, node: Node) -> str:
        """Return an example of a node that holds no other, keeping its letters."""
        op, args = node
        found: list[str] = []
        if str(op) == "LITERAL":
            found = [chr(args)]
        elif str(op) == "NOT_LITERAL":
            found = ["a" if args != ord("a") else "b"]
        elif str(op) == "ANY":
            found = ["a"]
        elif str(op) == "IN":
            found = list(members(args))
        elif str(op) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return "".join(self._text(inner) for inner in self._flat(args[2]))
        self.letters.update(dict.fromkeys(found if len(found) < 13 else [*found[:6], *found[-6:]]))
        return found[0] if found else ""


def members(items: Sequence[Node]) -> Iterator[str]:
    """Yield characters of a class."""
    if str(items[0][0]) == "NEGATE":
        inside = re.compile(f"[{''.join(map(written_class, items[1:]))}]")
        yield from (char for char in "a一1 .<驻" if not inside.match(char))
        return
    for op, args in items:
        if str(op) == "LITERAL":
            yield chr(args)
        elif str(op) == "RANGE":
            yield chr(args[0])
            yield chr(args[1])
        else:
            yield from {"DIGIT": "1", "SPACE": " \n", "WORD": "a"}.get(
                str(args).removeprefix("CATEGORY_"), "。"
            )


def written_class(item: Node) -> str:
    op, args = item
    if str(op) == "LITERAL":
        return re.escape(chr(args))
    if str(op) == "RANGE":
        return f"{re.escape(chr(args[0]))}-{re.escape(chr(args[1]))}"
    kind = str(args).removeprefix("CATEGORY_")
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[kind.removeprefix("NOT_")]
    return "\\" + (letter.upper() if kind.startswith("NOT_") else letter)


def attacks(pattern: re.Pattern[str]) -> Iterator[Callable[[int], str]]:
    """Yield what makes a string of about so many characters."""
    parsed = Parsed(pattern)
    letters = list(parsed.letters)[:MOST_LETTERS]
    rounds = dict.fromkeys(
        [
            *(("", letter) for letter in letters),
            *(("", a + b) for a in letters[:MOST_PAIRED] for b in letters[:MOST_PAIRED] if a != b),
            *parsed.repeats,
            *(("", lead + one) for lead, one in parsed.repeats),
            *(("", lead) for lead, _ in parsed.repeats),
            ("", parsed.example),
        ]
    )
    for lead, one in rounds:
        for end in ENDS[: 3 if lead else 2]:
            yield lambda size, lead=lead, one=one, end=end: lead + one * (size // max(len(one), 1)) + end  # type: ignore[misc]
    pieces = [piece for piece in dict.fromkeys([*parsed.pieces, parsed.example]) if piece][:MOST_PIECES]
    for a in pieces:
        for b in pieces:
            yield lambda size, a=a, b=b: a * (size // 2 // len(a)) + b * (size // 2 // len(b))  # type: ignore[misc]


class TooLong(Exception):
    pass


def _break_off(number: int, frame: FrameType | None) -> None:
    raise TooLong


def seconds(use: Use, method: str, text: str, runs: int = 1) -> float:
    """Return the processor time of reading a text, the least of some runs, CAP where it takes longer."""
    best = CAP
    for _ in range(runs):
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, CAP)
        try:
            if method in SCANS:
                for _found in use.pattern.finditer(text):
                    pass
            else:
                getattr(use.pattern, method)(text)
        except TooLong:
            return CAP
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        best = min(best, time.process_time() - begun)
    return best


def slow(use: Use) -> Iterator[str]:
    """Yield what the pattern reads in more than linear time."""
    ways = {"search" if method in SCANS else method for method in use.methods}
    for method in sorted(ways):
        for attack in attacks(use.pattern):
            text = attack(SIZE)
            if seconds(use, method, text) < FLOOR or (first := seconds(use, method, text, 5)) < FLOOR:
                continue
            second = seconds(use, method, attack(2 * SIZE), 5)
            # A busy machine makes two runs differ by more than that: four times as much tells 4 from 16.
            if (
                second < CAP
                and second > GROWTH * first
                and seconds(use, method, attack(4 * SIZE), 5) < 3 * GROWTH * first
            ):
                continue
            if second >= CAP or second > GROWTH * first:
                yield f"{use.place}.{method} {text[:30]!r}…{text[-12:]!r}: {first:.4f} s, twice as much {second:.4f} s"
                return


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing breaks off a pattern here")
def test_every_pattern_is_linear_in_what_it_reads() -> None:
    before = signal.signal(signal.SIGVTALRM, _break_off)
    try:
        everything = list(uses())
        found = [told for use in everything for told in slow(use)]
    finally:
        signal.signal(signal.SIGVTALRM, before)
    assert len(everything) > 300
    assert not found, "\n" + "\n".join(found)
