"""The rules of this repository: each a function of its sources that names what breaks it.

What is not yet true stands in exceptions.txt, a line each. The list only shrinks: a new entry fails the tests, and so does one that
is no longer needed. `python -m tests.repo_rules.rules` prints what is new; with `--shrink` it removes what is no longer needed,
and follows files that have moved.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.repo_rules.sources import ROOT, Source, of_product, repository

Sources = tuple[Source, ...]
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")

FLOOR = 10
LINES = 300
CHECK_LINES = 400
FUNCTION_LINES = 60
README_BYTES = 10_000
PROGRAMS = ("tests/bench", "tests/power", "tests/differences", "tests/differential", "tests/repo_rules")
"""Folders of tests that are held to the width of a floor like the product."""
CHECKS = ("contracts/suite/checks",)
"""Folders that QA reads as a list: as many files as there are subjects."""
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}


def file_name_twice(sources: Sources) -> Iterator[str]:
    """A file's name stands once in a package, so that it can be said without its folder."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for source in of_product(sources):
        if source.stem not in ("__init__", "__main__", "conftest"):
            seen[source.package, source.stem].append(source.path)
    yield from (f"{package}: {stem}" for (package, stem), paths in seen.items() if len(paths) > 1)


def class_name_twice(sources: Sources) -> Iterator[str]:
    """A public class name is defined once in the product."""
    seen: dict[str, int] = defaultdict(int)
    for source in of_product(sources):
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                seen[node.name] += 1
    yield from (name for name, count in seen.items() if count > 1)


def wide_floor(sources: Sources) -> Iterator[str]:
    """A folder holds at most ten files and ten folders; `__init__` and the checks are apart."""
    files: dict[str, set[str]] = defaultdict(set)
    folders: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        if source.package == "tests" and not source.folder.startswith(PROGRAMS):
            continue
        if source.stem != "__init__" and not source.folder.startswith(CHECKS):
            files[source.folder].add(source.stem)
        parts = source.folder.split("/")
        for deep in range(1, len(parts)):
            folders["/".join(parts[:deep])].add(parts[deep])
    yield from (folder for folder in sorted({*files, *folders}) if len(files[folder]) > FLOOR or len(folders[folder]) > FLOOR)  # fmt: skip


def import_circle(sources: Sources) -> Iterator[str]:
    """Inside a package data flows one way: no module imports, by others or inside a function, what imports it."""
    known = {source.module for source in sources if source.package != "tests"}
    edges = {
        source.module: {module for name in source.imports if (module := _module(name, known))} - {source.module}
        for source in of_product(sources)
    }  # fmt: skip
    for circle in _circles(edges):
        yield " <-> ".join(sorted(circle))


def _module(name: str, known: set[str]) -> str | None:
    """Of `package.module.member` the module."""
    return name if name in known else (short if (short := name.rpartition(".")[0]) in known else None)


def _circles(edges: dict[str, set[str]]) -> Iterator[set[str]]:
    """Strongly connected components of more than one module."""
    reach: dict[str, set[str]] = {}
    for start in edges:
        seen: set[str] = set()
        rest = list(edges[start])
        while rest:
            at = rest.pop()
            if at not in seen:
                seen.add(at)
                rest += edges.get(at, ())
        reach[start] = seen
    done: set[str] = set()
    for start in edges:
        if start in reach[start] and start not in done:
            circle = {other for other in reach[start] if start in reach.get(other, ())}
            done |= circle
            yield circle


def silent_folder(sources: Sources) -> Iterator[str]:
    """The docstring of a folder's `__init__` names each of its files and folders."""
    named = {source.folder: _doc(source) for source in sources if source.stem == "__init__"}
    members: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        if source.package == "tests" and not source.folder.startswith(PROGRAMS):
            continue
        if source.stem not in ("__init__", "__main__", "conftest") and not source.stem.startswith("test_"):
            members[source.folder].add(source.stem)
        above, _, own = source.folder.rpartition("/")
        if above:
            members[above].add(own)
    for folder, names in members.items():
        text = named.get(folder, "")
        if folder != "tests" and not all(re.search(rf"(?<![\w.]){name}(?!\w)", text) for name in names):
            yield folder


def listed_missing(sources: Sources) -> Iterator[str]:
    """What the docstring of a folder's `__init__` lists, a line each, is there."""
    there = {part for source in sources for part in (source.path, source.folder)}
    for source in sources:
        if source.stem == "__init__":
            listed = re.findall(r"^(?:- )?`(\w+)/?`[:,]|^\| (\w+)\.py ", _doc(source), re.M)
            for name in filter(None, (word for pair in listed for word in pair)):
                if not {f"{source.folder}/{name}", f"{source.folder}/{name}.py"} & there:
                    yield f"{source.folder}: {name}"


def no_docstring(sources: Sources) -> Iterator[str]:
    """Each file says in its first line what it is; an `__init__` of tests may be silent."""
    yield from (
        source.path
        for source in sources
        if not _doc(source).strip() and not (source.package == "tests" and source.stem == "__init__")
    )


def _doc(source: Source) -> str:
    return ast.get_docstring(source.tree) or ""


def long_file(sources: Sources) -> Iterator[str]:
    """A file has at most 300 lines, one of checks 400."""
    for source in of_product(sources):
        most = CHECK_LINES if source.stem.startswith("test_") else LINES
        if source.text.count("\n") > most:
            yield source.path


def long_function(sources: Sources) -> Iterator[str]:
    """A function has at most 60 lines."""
    yield from (
        f"{source.path}:{node.name}"
        for source in of_product(sources)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    )


def empty_name(sources: Sources) -> Iterator[str]:
    """Nothing is called utils, helpers, common, base or manager."""
    for source in sources:
        if EMPTY_NAMES & set(source.stem.split("_")) or EMPTY_NAMES & set(source.folder.split("/")):
            yield source.path
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Utils|Base)$", node.name):
                yield f"{source.path}:{node.name}"


def patched_process(sources: Sources) -> Iterator[str]:
    """Nothing alters sys.path or replaces the process."""
    for source in of_product(sources):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if re.fullmatch(r"sys\.path\.(insert|append|extend)|os\.exec\w+", called):
                    yield f"{source.path}: {called}"


def cache_by_id(sources: Sources) -> Iterator[str]:
    """Nothing is kept under the id() of an object, which another object has after it."""
    for source in of_product(sources):
        kept = [ast.unparse(node.slice) for node in ast.walk(source.tree) if isinstance(node, ast.Subscript)]
        if any(re.search(r"\bid\(", key) for key in kept):
            yield source.path


def private_import(sources: Sources) -> Iterator[str]:
    """No private name of another library is imported."""
    for source in of_product(sources):
        for name in source.imports:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and any(part.startswith("_") and not part.startswith("__") for part in name.split(".")):  # fmt: skip
                yield f"{source.path}: {name}"


def fault_in_reference(sources: Sources) -> Iterator[str]:
    """The reference server does not know that faults exist: only where it is put together, started and steered are they named."""
    composed = ("mock_server/build.py", "mock_server/__main__.py", "mock_server/control/control_handlers.py")
    yield from (
        s.path
        for s in sources
        if s.package == "mock_server"
        and not s.path.startswith("mock_server/faults/")
        and s.path not in composed
        if re.search(r"mock_server\.faults|rules\.[a-z_]+", s.text)
    )


def long_readme(_: Sources) -> Iterator[str]:
    """README.md is read in five minutes: at most 10 kB."""
    if (ROOT / "README.md").stat().st_size > README_BYTES:
        yield "README.md"


Rule = Callable[[Sources], Iterator[str]]
RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        file_name_twice, class_name_twice, wide_floor, import_circle, silent_folder, listed_missing, no_docstring, long_file,
        long_function, empty_name, patched_process, cache_by_id, private_import, fault_in_reference, long_readme,
    )
}  # fmt: skip


def exceptions() -> dict[str, set[str]]:
    """Rule -> what is known to break it."""
    found: dict[str, set[str]] = {name: set() for name in RULES}
    for line in EXCEPTIONS.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            rule, _, entry = line.partition(" ")
            found[rule].add(entry.strip())
    return found


def breaks(sources: Sources) -> dict[str, set[str]]:
    return {name: set(rule(sources)) for name, rule in RULES.items()}


def main(arguments: list[str]) -> int:
    found = breaks(repository())
    if "--shrink" in arguments:
        known = exceptions()
        kept = {rule: sorted(_kept(known[rule], found[rule])) for rule in RULES}
        comments = [line for line in EXCEPTIONS.read_text("utf-8").splitlines() if line.startswith("#")]
        lines = [f"{rule} {entry}" for rule, entries in kept.items() for entry in entries]
        EXCEPTIONS.write_text("\n".join([*comments, *lines]) + "\n", "utf-8")
    known = exceptions()
    new = [f"{rule} {entry}" for rule in RULES for entry in sorted(found[rule] - known[rule])]
    print("\n".join(new))
    return 1 if new else 0


def _kept(known: set[str], found: set[str]) -> set[str]:
    """What stays in the list of a rule. A break under a new name takes the place of one that is gone: a file has moved.

    >>> sorted(_kept({"a", "b"}, {"b", "c"})), sorted(_kept({"a", "b"}, {"b"})), sorted(_kept({"a"}, {"a", "b"}))
    (['b', 'c'], ['b'], ['a'])
    """
    moved = sorted(found - known)[: len(known - found)]
    return (known & found) | set(moved)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
