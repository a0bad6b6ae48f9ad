"""The tables of the README pages that are made from the code: `make readme` writes them and the schemas, a test compares them.

A page has a mark for each of its tables, `<!-- generated: name -->` to `<!-- end -->`. Each table stands beside what it describes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial

from contracts.command.exit_code import MEANING
from contracts.risk_categories import CATEGORIES
from contracts.spec.operation import EXTENSIONS
from contracts.suite.plugin import registry
from load.scenarios.scenario_table import OTHERS, TABLE, plan
from mock_server.faults.catalogue import CATALOGUE
from mock_server.seed.world import ACCOUNTS, PASSWORD
from tests.repo_rules.packages import PACKAGES
from tests.repo_rules.sources import ROOT
from tests.repo_rules.tables import fields as report_fields
from tests.repo_rules.tables import options as command_options


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def package_map() -> str:
    rows = [
        (f"[{name}/]({name})", package.says, "all" if name == "tests" else ", ".join(f"`{other}`" for other in sorted(package.may_import - {name})))
        for name, package in PACKAGES.items()
    ]  # fmt: skip
    return _table(("place", "what it is", "imports of ours"), rows)


def exit_codes() -> str:
    return _table(("exit code", "meaning"), [(str(code.value), text) for code, text in MEANING.items()])


def extensions() -> str:
    return _table(
        ("key", "on", "meaning", "without it"), [(f"`{key}`", *row) for key, row in EXTENSIONS.items()]
    )


def accounts() -> str:
    rows = [
        (f"`{email}`", f"`{PASSWORD}`", workspace, ", ".join(permissions))
        for email, (_, _, workspace, permissions) in ACCOUNTS.items()
    ]
    return _table(("demo account", "password", "workspace", "permissions"), rows)


def faults() -> str:
    counted = Counter(fault.family for fault in CATALOGUE.values())
    first = {family: next(n for n, f in CATALOGUE.items() if f.family == family) for family in counted}
    rows = [
        (family, str(count), f"`{first[family]}`: {CATALOGUE[first[family]].what}")
        for family, count in counted.items()
    ]
    return _table(("family", "faults", "for example"), rows)


def risks() -> str:
    rows = [
        (name, category.title, ", ".join(f"`{one}`" for one in category.checks) or f"not applicable: {category.not_applicable}")
        for name, category in CATEGORIES.items()
    ]  # fmt: skip
    return _table(("category", "what goes wrong", "checks that look for it"), rows)


def rules() -> str:
    cited: dict[str, list[str]] = {}
    for check in registry.load().values():
        for code in registry.RULE.findall(check.source):
            cited.setdefault(code, []).append(f"`{check.id}`")
    rows = [
        (registry.linked(code), ", ".join(cited[code]))
        for code in sorted(cited, key=lambda c: ("FRW".index(c[0]), int(c[1:])))
    ]
    return _table(("rule", "checks"), rows)


def scenarios() -> str:
    rows = [
        (f"`{name}`", plan(name, rate=None, seconds=None, seed=1).words.partition(",")[0], scenario.title)
        for name, scenario in TABLE.items()
    ]
    rows += [(f"`{name}`", f"{rate}, {seconds}", title) for name, (rate, seconds, title) in OTHERS.items()]
    return _table(("scenario", "arrivals or users", "what it is for"), rows)


def options(page: str) -> str:
    return _table(("command", "option", "what it does"), command_options.rows(command_options.ON_PAGE[page]))


def fields() -> str:
    return _table(("where", "what", "fields"), report_fields.rows())


PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"map": package_map},
    "contracts/README.md": {},
    "contracts/checks.md": {"checks": registry.table, "risks": risks, "extensions": extensions},
    "contracts/rules.md": {"rules": rules},
    "load/README.md": {"scenarios": scenarios},
    "mock_server/README.md": {"accounts": accounts, "faults": faults},
    "reports/README.md": {"exit-codes": exit_codes, "fields": fields},
    "tests/README.md": {},
    "CONTRIBUTING.md": {},
}
for _page in command_options.ON_PAGE:
    PAGES[_page]["options"] = partial(options, _page)


def written(page: str, text: str) -> str:
    """The page with every generated table made anew; a mark without a table, or the reverse, is an error."""
    tables = PAGES[page]
    marks = re.findall(r"<!-- generated: ([\w-]+) -->", text)
    if sorted(marks) != sorted(tables):
        raise ValueError(f"{page} has the marks {sorted(marks)}, its tables are {sorted(tables)}")
    for name, make in tables.items():
        pattern = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.S)
        table = make()
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    for page in PAGES:
        path = ROOT / page
        path.write_text(written(page, path.read_text("utf-8")), "utf-8")
    for path, schema in report_fields.schemas().items():
        path.write_text(schema, "utf-8")
