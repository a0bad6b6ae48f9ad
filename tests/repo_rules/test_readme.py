"""The README pages say what is true today."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from contracts.spec.operation import EXTENSIONS
from tests.repo_rules.readme import PAGES, written
from tests.repo_rules.sources import ROOT
from tests.repo_rules.tables.fields import FILES, schema, schemas
from tests.repo_rules.tables.options import ON_PAGE, commands, named

TEXTS = {page: (ROOT / page).read_text("utf-8") for page in PAGES}
ALL = "\n".join(TEXTS.values())


@pytest.mark.parametrize("page", PAGES)
def test_generated_tables_are_fresh(page: str) -> None:
    assert written(page, TEXTS[page]) == TEXTS[page], "run: make readme"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", TEXTS[page]) + re.findall(r' (?:src|href)="([^"#]+)"', TEXTS[page])  # fmt: skip
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    """`folder/file.py` in code marks, from the root of the repository; what a run writes is not there yet."""
    named = re.findall(r"`((?:contracts|load|mock_server|reports|tests)(?:/[\w.-]+)+)`", prose(TEXTS[page]))
    assert [path for path in named if not path.startswith("reports/out") and not (ROOT / path).exists()] == []


def test_the_first_page_leads_to_every_other() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXTS["README.md"])
    reached = {link.rstrip("/") for link in links} | {f"{link.rstrip('/')}/README.md" for link in links}
    assert set(PAGES) - {"README.md"} - reached == set()


# Options of the programs that ours are plugged into, as far as a page names them.
THEIRS = {
    "pytest contracts": {"--lf", "--junitxml", "--help"},
    "locust -f load/locustfile.py": {
        "--host",
        "--headless",
        "--processes",
        "--master",
        "--worker",
        "--expect-workers",
        "--master-host",
        "--help",
    },
}
SECTIONS = {
    f"{page}: {part.partition(chr(10))[0]}": part
    for page, text in TEXTS.items()
    for part in re.split(r"\n#+ |\A# ", text)
}


def allowed(text: str) -> set[str]:
    """The options of all commands that a text names."""
    told = re.sub(r"\s+", " ", text)
    found = set()
    for command, options in commands().items():
        if command in told or (command.startswith("python -m ") and f"/{command}" in told):
            found |= {name for option in options for name in option.names} | THEIRS.get(command, set())
    return found


def prose(text: str) -> str:
    """Without the generated tables, which name options by construction."""
    return re.sub(r"<!-- generated: .*?<!-- end -->", "", text, flags=re.S)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_option_that_a_page_names_exists(section: str) -> None:
    """In a section, every option belongs to a command that the section names."""
    text = prose(SECTIONS[section]).replace("make gate", "make gate python -m reports gate")
    assert named(text) - allowed(text) - {"--help"} == set()


def test_every_command_line_of_the_pages_would_be_taken() -> None:
    """A line that begins with one of our commands has only that command's own options."""
    found = 0
    for line in prose(ALL).splitlines():
        for command in commands():
            if re.match(rf"(\$ )?(\.venv/bin/)?{re.escape(command)}(?![\w.-])", line.strip().strip("`")):
                found += 1
                assert named(line) - allowed(command) == set(), line
    assert found > 5


def _table(page: str, name: str) -> str:
    return TEXTS[page].partition(f"<!-- generated: {name} -->")[2].partition("<!-- end -->")[0]


def test_every_option_that_exists_is_on_one_page() -> None:
    for command, options in commands().items():
        (page,) = [page for page, beginnings in ON_PAGE.items() if command.startswith(beginnings)]
        table = _table(page, "options")
        assert f"| `{command}` |" in table or not options
        for option in options:
            assert any(f"`{', '.join(option.names)}" in line and option.told[:20] in line for line in table.splitlines()), option  # fmt: skip


def test_every_option_says_what_it_does() -> None:
    silent = [(command, option.names) for command, options in commands().items() for option in options if not option.told]  # fmt: skip
    assert silent == []


def test_an_option_that_is_gone_would_be_noticed() -> None:
    text = "`python -m reports gate --no-such-thing`"
    assert named(text) - allowed(text) == {"--no-such-thing"}
    assert "--profile" in allowed(text) and "--workers" not in allowed(text)


@pytest.mark.parametrize("path", schemas(), ids=lambda path: path.name)
def test_the_published_schemas_are_fresh(path: Path) -> None:
    assert path.read_text("utf-8") == schemas()[path], "run: make readme"


def test_every_field_is_on_the_page() -> None:
    table = _table("reports/README.md", "fields")
    for name in FILES:
        made = schema(name)
        for model in (made, *made["$defs"].values()):
            row = [
                line
                for line in table.splitlines()
                if all(f"`{field}` " in line for field in model["properties"])
            ]
            assert row, f"{name}: {model['title']}"


def test_every_exit_code_that_a_page_tells_is_one() -> None:
    """Beyond the generated table: a number called an exit code, anywhere in the text."""
    told = {int(code) for code in re.findall(r"exit(?:s with| code) (\d+)", prose(ALL))}
    assert told <= {code.value for code in ExitCode}


def test_every_extension_key_is_on_the_page_and_in_the_document() -> None:
    assert set(re.findall(r"\| `(x-[a-z-]+)` \|", _table("contracts/checks.md", "extensions"))) == set(EXTENSIONS)  # fmt: skip
    spec = (ROOT / "openapi.yaml").read_text("utf-8")
    assert set(re.findall(r"^\s*(?:- )?(x-[a-z-]+):", spec, re.M)) <= set(EXTENSIONS)


def test_every_module_and_subcommand_that_a_page_runs_exists() -> None:
    for module in set(re.findall(r"python -m ([a-z_]+(?:\.[a-z_]+)*)", ALL)):
        assert find_spec(module), module
    known = {command.rpartition(" ")[2] for command in commands() if command.startswith("python -m reports ")}
    assert set(re.findall(r"python -m reports ([a-z]+)", ALL)) == known


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path(ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z][a-z-]+)", ALL)) <= targets
