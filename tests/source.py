"""The package's own source as syntax trees: read and taken apart once for each test process.

for name, call in each(ast.Call):  # in which module, and the node
    assert called(call) != "eval", f"{name}:{call.lineno}"
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "registry"
Node = TypeVar("Node", bound=ast.AST)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("registry", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


def file_of(name: str) -> Path:
    path = ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def nodes(name: str) -> tuple[ast.AST, ...]:
    """Every node of a module."""
    return tuple(ast.walk(modules()[name]))


@cache
def _of_kind(kind: type[Node]) -> tuple[tuple[str, Node], ...]:
    return tuple((name, node) for name in modules() for node in nodes(name) if isinstance(node, kind))


def each(*kinds: type[Node]) -> Iterator[tuple[str, Node]]:
    """Every node of these kinds, with the name of its module."""
    for kind in kinds:
        found = _of_kind(kind)
        assert found, f"no {kind.__name__} in the whole package: is it there?"
        yield from found


@cache
def called(call: ast.Call) -> str:
    """What is called, as it is written: "db.run_sql"."""
    return ast.unparse(call.func)


@cache
def imported(name: str) -> frozenset[str]:
    """What a module imports from outside the package, wherever in it: modules, and what is taken from them."""
    return frozenset(target for node in nodes(name) for target in imports_of(node))


def imports_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and called(node) in ("importlib.import_module", "import_module"):
        yield from (str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant) and one.value)
