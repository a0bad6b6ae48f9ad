"""README.md says what is true today."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from contracts.spec.operation import EXTENSIONS
from reports.exitcode import ExitCode
from tests.repo_rules.fields import FILES, schema, schemas
from tests.repo_rules.options import commands, named
from tests.repo_rules.readme import README, written

ROOT = README.parent
TEXT = README.read_text("utf-8")


def test_generated_tables_are_fresh() -> None:
    assert written(TEXT) == TEXT, "run: make readme"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


# Options of the programs that ours are plugged into, as far as the page names them.
THEIRS = {
    "pytest contracts": {"--lf", "--junitxml", "--help"},
    "locust -f load/locustfile.py": {"--host", "--headless", "--processes", "--master", "--worker", "--help"},
}
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}


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
def test_every_option_that_the_page_names_exists(section: str) -> None:
    """In a section, every option belongs to a command that the section names."""
    text = prose(SECTIONS[section]).replace("make gate", "make gate python -m reports gate")
    assert named(text) - allowed(text) - {"--help"} == set()


def test_every_command_line_of_the_page_would_be_taken() -> None:
    """A line that begins with one of our commands has only that command's own options."""
    found = 0
    for line in prose(TEXT).splitlines():
        for command in commands():
            if re.match(rf"(\$ )?(\.venv/bin/)?{re.escape(command)}(?![\w.-])", line.strip().strip("`")):
                found += 1
                assert named(line) - allowed(command) == set(), line
    assert found > 5


def test_every_option_that_exists_is_on_the_page() -> None:
    table = TEXT.partition("<!-- generated: options -->")[2].partition("<!-- end -->")[0]
    for command, options in commands().items():
        assert f"| `{command}` |" in table
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
    table = TEXT.partition("<!-- generated: fields -->")[2].partition("<!-- end -->")[0]
    for name in FILES:
        made = schema(name)
        for model in (made, *made["$defs"].values()):
            row = [
                line
                for line in table.splitlines()
                if all(f"`{field}` " in line for field in model["properties"])
            ]
            assert row, f"{name}: {model['title']}"


def test_every_exit_code_that_the_page_tells_is_one() -> None:
    """Beyond the generated table: a number called an exit code, anywhere in the text."""
    told = {int(code) for code in re.findall(r"exit(?:s with| code) (\d+)", prose(TEXT))}
    assert told <= {code.value for code in ExitCode}


def test_every_extension_key_is_on_the_page_and_in_the_document() -> None:
    table = TEXT.partition("<!-- generated: extensions -->")[2].partition("<!-- end -->")[0]
    assert set(re.findall(r"\| `(x-[a-z-]+)` \|", table)) == set(EXTENSIONS)
    spec = (ROOT / "openapi.yaml").read_text("utf-8")
    assert set(re.findall(r"^\s*(?:- )?(x-[a-z-]+):", spec, re.M)) <= set(EXTENSIONS)


def test_every_module_and_subcommand_that_the_page_runs_exists() -> None:
    for module in set(re.findall(r"python -m ([a-z_]+(?:\.[a-z_]+)*)", TEXT)):
        assert find_spec(module) and find_spec(f"{module}.__main__"), module
    known = {command.rpartition(" ")[2] for command in commands() if command.startswith("python -m reports ")}
    assert set(re.findall(r"python -m reports ([a-z]+)", TEXT)) == known


def test_every_make_target_that_the_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path(ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"make ([a-z][a-z-]+)", TEXT)) - {"sure"} <= targets
