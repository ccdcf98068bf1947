"""The shape of the code: what imports what, how long things are, what is public.

The order is that of the packages, the way of the data from a file to an answer; the modules of a package import each
other without circles. Each package says in its `__init__` what it may import.
"""

import ast
import importlib
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGE = ROOT / "rag"
FILES = sorted(PACKAGE.rglob("*.py"))

# Everything speaks in these nouns; they stand before all packages.
NOUNS = ("errors", "records", "config", "request", "budget")
# A package imports only from those before it.
PACKAGES = ("text", "ingest", "models", "index", "editing", "query", "retrieval", "answering")
# What puts the packages together, in order; what people and programs meet comes after it.
WHOLE = (
    "readings",
    "pipeline",
    "suggestions",
    "verify",
    "explain",
    "tracing",
    "combined",
    "overview",
    "several",
    "bot",
)
FACES = ("render", "evaluation", "server", "cli")
ORDER = (*NOUNS, *PACKAGES, *WHOLE, *FACES, "__main__")
MOST_MODULES = 16
DEEPEST = 3

# Who may import what is heavy, hard to replace or bound to one part: a module, or all of a package.
ONLY = {
    "faiss": ("index.dense",),
    "tantivy": ("index.lexical",),
    "onnxruntime": ("models",),
    "tokenizers": ("models",),
    "torch": ("models.sentence_transformer",),
    "sentence_transformers": ("models.sentence_transformer",),
    "transformers": (),
    "gradio": ("server.page",),
    "mcp": ("server.api.mcp_tools",),
    "openpyxl": ("ingest.packages.spreadsheet",),
    "rapidocr": ("ingest.pdf.scan",),
    "fastapi": ("server",),
    "typer": ("cli",),
    "psycopg": ("index.shared",),
    "psycopg_pool": ("index.shared",),
    "pgvector": ("index.shared",),
    "alembic": ("index.shared", "index.migrations"),
    "sqlalchemy": ("index.shared",),
    "sqlite3": ("index",),
}

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300

# Helpers of one module that are named without an underscore, by module. None may be added: a new helper is
# _private or in __all__.
HELPERS = {
    "ingest.cleaning.clean": {"Part"},
    "ingest.cleaning.paragraphs": {"Break", "Habits", "Opened", "reads_on"},
    "models.sentence_transformer": {"TokenEncoder"},
}


def names(path: Path) -> str:
    """Return the dotted name of a module below `rag`, "" for `rag` itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def part(module: str) -> str:
    """Return the part of the program a module below `rag` belongs to: index.build.publish is of index."""
    return module.partition(".")[0]


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in FILES:
        yield names(path), ast.parse(path.read_text(encoding="utf-8"))


def ours(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Yield the modules below `rag` that are imported, with the names taken from each."""
    for module, taken in imported(tree):
        if module.partition(".")[0] == "rag":
            yield module.partition(".")[2], taken


@cache
def imported(tree: ast.Module) -> list[tuple[str, list[str]]]:
    """Return the modules that are imported anywhere, also inside functions, with the names taken from each."""
    found: list[tuple[str, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.append((str(node.module), [alias.name for alias in node.names]))
    return found


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def declared(tree: ast.Module) -> list[str]:
    """Return `__all__` as it is written."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            found: list[str] = ast.literal_eval(node.value)
            return found
    return []


MODULES = dict(trees())
INITS = {names(path) for path in FILES if path.name == "__init__.py"}
MADE = {name: tree for name, tree in MODULES.items() if name not in INITS | {"__main__"}}


def test_every_module_has_its_place_in_the_order() -> None:
    assert {part(name) for name in MODULES} - {""} == set(ORDER)


@pytest.mark.parametrize(
    "name", sorted(set(MODULES) - {""})
)  # `rag` itself hands out names when they are asked for
def test_a_module_imports_only_from_parts_before_its_own(name: str) -> None:
    mine = part(name)
    before = {*ORDER[: ORDER.index(mine)], mine}
    assert {part(module) for module, _ in ours(MODULES[name])} - {""} <= before


@pytest.mark.parametrize("package", [*PACKAGES, *FACES])
def test_modules_of_a_package_import_each_other_without_circles(package: str) -> None:
    inside = {name: tree for name, tree in MODULES.items() if part(name) == package and name not in INITS}
    graph = {name: {module for module, _ in ours(tree) if module in inside} for name, tree in inside.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(inside)


@pytest.mark.parametrize("package", sorted(INITS - {""}))
def test_a_package_says_what_it_is_for_and_what_it_may_import(package: str) -> None:
    said = str(ast.get_docstring(MODULES[package]))
    allowed = re.search(r"May import: ([\w., ]+)\.$", said)
    assert allowed, "the docstring ends with “May import: …”"
    inside = [tree for name, tree in MODULES.items() if f"{name}.".startswith(f"{package}.")]
    taken = {part(module) for tree in inside for module, _ in ours(tree)} - {*NOUNS, part(package), ""}
    assert taken <= set(allowed[1].split(", "))


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=str)
def test_folders_are_small_and_not_deep(folder: Path) -> None:
    modules = [path for path in folder.glob("*.py") if not path.name.startswith("__")]
    assert len(modules) <= MOST_MODULES
    assert len(folder.relative_to(PACKAGE).parts) < DEEPEST


@pytest.mark.parametrize("library", ONLY)
def test_a_library_stays_in_its_modules(library: str) -> None:
    users = {
        name
        for name, tree in MODULES.items()
        if any(module.partition(".")[0] == library for module, _ in imported(tree))
    }
    places = ONLY[library]
    assert not [name for name in users if not any(f"{name}.".startswith(f"{place}.") for place in places)]


# Modules that bring in a heavy library, and who imports them when it is loaded itself.
LAZY = {
    "models.sentence_transformer": (),
    "server.api.mcp_tools": (),
    "server.run": (),
    "server.page.gradio_page": ("server.run",),
}


@pytest.mark.parametrize("heavy", LAZY)
def test_heavy_libraries_are_imported_when_they_are_needed(heavy: str) -> None:
    users = {
        name
        for name, tree in MODULES.items()
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == f"rag.{heavy}"
    }
    assert users <= set(LAZY[heavy])


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_named_like_one_of_the_standard_library(name: str) -> None:
    last = name.split(".")[-1]
    assert last not in sys.stdlib_module_names - {"__main__", "chunk"}  # chunk left it in Python 3.13
    assert last not in ("utils", "helpers", "common", "misc")


@pytest.mark.parametrize("name", MADE)
def test_all_lists_what_is_public(name: str) -> None:
    module = importlib.import_module(f"rag.{name}")
    said = declared(MADE[name])
    defined = {
        node.name
        for node in MADE[name].body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not is_command(node)
    }
    assert set(said) == set(module.__all__)
    assert all(hasattr(module, word) for word in said)
    assert len(said) == len(set(said))
    assert defined - set(said) == HELPERS.get(name, set())


def is_command(node: ast.AST) -> bool:
    """Tell whether a function is a command of the command line: Typer calls it."""
    return any(ast.unparse(entry).startswith("app.command(") for entry in getattr(node, "decorator_list", ()))


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_takes_from_another_is_public_there(name: str) -> None:
    for module, taken in ours(MODULES[name]):
        if module in MADE and module.rpartition(".")[0] != name.rpartition(".")[0]:
            constants = {word for word in taken if word.isupper()}
            assert set(taken) - constants <= set(declared(MADE[module])), f"{name} takes from {module}"


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_described(name: str) -> None:
    tree = MODULES[name]
    assert ast.get_docstring(tree), "the module itself"
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
            methods = (inner for inner in node.body if isinstance(inner, ast.FunctionDef))
            for method in methods:
                assert method.name.startswith("_") or ast.get_docstring(method), f"{node.name}.{method.name}"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in declared(tree):
            first = str(ast.get_docstring(node)).split("\n")[0]
            assert ast.get_docstring(node), node.name
            assert first.endswith((".", "?", ":", ";", ")")) or first[-1] == "。", f"{node.name}: {first}"


@pytest.mark.parametrize("name", MODULES)
def test_functions_are_short(name: str) -> None:
    lengths = {f.name: int(f.end_lineno or 0) - f.lineno + 1 for f in functions(MODULES[name])}
    assert {f: lines for f, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def code_lines(path: Path) -> int:
    """Count the lines that hold code: no blank lines, comments and docstrings."""
    held: set[int] = set()
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            alone = token.type == tokenize.STRING and not token.line[: token.start[1]].strip()
            if token.type not in (*quiet, tokenize.ENDMARKER) and not (alone and token.string[:3] == '"""'):
                held.update(range(token.start[0], token.end[0] + 1))
    return len(held)


@pytest.mark.parametrize("path", FILES, ids=names)
def test_modules_are_short(path: Path) -> None:
    assert code_lines(path) <= LONGEST_MODULE


def test_nothing_prints_but_the_command_line() -> None:
    printing = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert {part(name) for name in printing} <= {"cli"}


def test_no_error_is_caught_without_its_name() -> None:
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = "" if node.type is None else ast.unparse(node.type)
                goes_on = not any(
                    isinstance(inner, ast.Raise) and (inner.exc is None or inner.cause is not None)
                    for inner in node.body
                )
                blind = caught in ("", "Exception", "BaseException")
                assert not (blind and goes_on), f"{name}:{node.lineno}"


def test_the_tests_of_a_text_function_open_neither_index_nor_model() -> None:
    modules = [f"tests.text.{path.stem}" for path in (ROOT / "tests" / "text").glob("test_*.py")]
    code = f"import sys, tests.conftest, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    taken = set(done.stdout.split())
    assert "rag.text.annotation" in taken
    assert not taken & {"rag.index", "rag.models", "rag.bot", "faiss", "onnxruntime", "numpy"}
