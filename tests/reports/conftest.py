"""`--update-goldens` writes what the renderers make now over what they are held to; look at the difference."""

from pathlib import Path

import pytest

GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="accept what the renderers make now")


class Golden:
    """Compares a text with the file of that name, or replaces the file."""

    def __init__(self, update: bool) -> None:
        self.update = update

    def check(self, name: str, text: str) -> None:
        path = GOLDENS / name
        if self.update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"no golden {name}; make it with --update-goldens and read it"
        # Compared by line, because a failure must show the lines that differ and not 100 kB.
        held, made = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
        changed = [(n, a, b) for n, (a, b) in enumerate(zip(held, made, strict=False), 1) if a != b]
        assert (len(held), changed[:3]) == (len(made), [])


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(bool(request.config.getoption("--update-goldens", default=False)))
