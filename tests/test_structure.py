"""The shape of the code: what imports what, how long things are, what is public."""

import ast
import importlib
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rag"
FILES = sorted(PACKAGE.rglob("*.py"))

# A module imports only from those before it; reading the files in this order is reading the documentation.
ROWS = (
    "errors records config",
    "text numeral number unit quantity holiday when",
    "layout flow written furniture headline clean",
    "encoding extract ingest_rows ingest_markdown page_meta ingest_html ingest_docx ingest_office",
    "drawings glyphs running_head columns reading_order newspaper issue ingest_pdf readers sidecar ingest folder chunk abbreviation",
    "runtime sbert embed read_model",
    "lock database dense lexical derived catalogue store intake publish removal changes reprints build backup build_text progress watch doctor",
    "meaning ledger places interrogative measure wording query spelling consult features retrieve read scene contrast demands evidence weighing choose compose cite variants timeline answer verify explain slots recall aside referent substitute follow_up",
    "labels reasons markup render render_article render_text render_explain request examples retrace render_trace bot mcp_server status console evaluate",
    "work metrics journal presence framing pages keys limits access security door login feedback server talk replies batch chat openapi reference api routes prefix widget serve connection page options operate key_command __main__",
)
ORDER = [name for row in ROWS for name in row.split()]

# Who may import what is heavy, hard to replace or bound to one part.
ONLY = {
    "faiss": {"dense"},
    "tantivy": {"lexical"},
    "onnxruntime": {"runtime"},
    "tokenizers": {"runtime", "read_model"},
    "torch": {"sbert"},
    "sentence_transformers": {"sbert"},
    "transformers": set(),
    "gradio": {"page"},
    "mcp": {"mcp_server"},
    "fastapi": {"serve", "page", "security", "work"},
    "typer": {"options", "operate", "key_command", "__main__"},
    "sqlite3": {"database", "dense", "lexical", "derived", "catalogue", "store", "intake", "publish", "removal", "changes", "reprints", "build", "backup", "feedback"},
}  # fmt: skip

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300

# Helpers of one module that are named without an underscore, by module. None may be added: a new helper is
# _private or in __all__.
HELPERS = {
    "rag.clean": {"Part"},
    "rag.flow": {"Break", "Habits", "Opened", "reads_on"},
    "rag.sbert": {"TokenEncoder"},
}


def names(path: Path) -> str:
    """Return the dotted name of a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def part(module: str) -> str:
    """Return the part of the program a module belongs to: rag.page.run is of page."""
    return module.split(".")[1] if "." in module else ""


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in FILES:
        yield names(path), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Yield the modules that are imported anywhere, also inside functions, with the names taken from each."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module), [alias.name for alias in node.names]


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
MADE = {name: tree for name, tree in MODULES.items() if name not in ("rag", "rag.page", "rag.evaluate")}


def test_every_module_has_its_place_in_the_order() -> None:
    assert {part(name) for name in MODULES} - {""} == set(ORDER)
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_those_before_it(name: str) -> None:
    mine = part(name)
    before = set(ORDER[: ORDER.index(mine)]) | {mine} if mine else set()
    taken = {part(module) for module, _ in imported(MODULES[name]) if module.split(".")[0] == "rag"}
    assert taken <= before


@pytest.mark.parametrize("library", ONLY)
def test_a_library_stays_in_its_modules(library: str) -> None:
    users = {
        part(name)
        for name, tree in MODULES.items()
        if any(module.split(".")[0] == library for module, _ in imported(tree))
    }
    assert users <= ONLY[library]


def test_heavy_libraries_are_imported_when_they_are_needed() -> None:
    for name, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                lazy = {"rag.sbert", "rag.mcp_server", "rag.page.run", "rag.page.mount"}
                assert node.module not in lazy or part(name) in ("sbert", "page"), name


@pytest.mark.parametrize("name", MODULES)
def test_no_module_is_named_like_one_of_the_standard_library(name: str) -> None:
    last = name.split(".")[-1]
    assert last not in sys.stdlib_module_names - {"__main__", "chunk"}  # chunk left it in Python 3.13
    assert last not in ("utils", "helpers", "common", "misc")


@pytest.mark.parametrize("name", MADE)
def test_all_lists_what_is_public(name: str) -> None:
    module = importlib.import_module(name)
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
    for module, taken in imported(MODULES[name]):
        if module in MADE and part(module) != part(name):
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
    assert printing <= {"rag.__main__"}


def test_no_error_is_caught_without_its_name() -> None:
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                caught = "" if node.type is None else ast.unparse(node.type)
                goes_on = not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in node.body)
                blind = caught in ("", "Exception", "BaseException")
                assert not (blind and goes_on), f"{name}:{node.lineno}"
