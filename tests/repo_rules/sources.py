"""The Python files of this repository, parsed once, and what each imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("contracts", "mock_server", "load", "reports")
OURS = (*PRODUCT, "tests")


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the repository, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> tuple[str, ...]:
        return tuple(imported(self.tree))

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.path).parent)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def module(self) -> str:
        """
        >>> Source("load/http/__init__.py", "").module, Source("load/cli.py", "").module
        ('load.http', 'load.cli')
        """
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def read() -> list[Source]:
    """All Python files that git knows or would add, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    paths = sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file())
    return [Source(path, (ROOT / path).read_text("utf-8")) for path in paths]


@cache
def repository() -> tuple[Source, ...]:
    return tuple(read())


def of_product(sources: tuple[Source, ...]) -> list[Source]:
    return [source for source in sources if source.package in PRODUCT]


def imported(tree: ast.AST) -> Iterator[str]:
    """The absolute names that a file imports, members of a module too; inside functions and type-checking blocks as well.

    >>> list(imported(ast.parse("import a.b\\nfrom c import d, e")))
    ['a.b', 'c.d', 'c.e']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
