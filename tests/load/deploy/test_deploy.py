"""Containerfile, compose and Kubernetes files: what they name exists. `test_separate_hosts` runs their commands.

The files were also checked by docker-compose (`config`), kubernetes-validate 1.37 (strict, schemas of 1.34) and the schema of
the Locust operator's resource; those tools weigh 180 MB, so they are not among the test's requirements.
"""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fork_server import command

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "load" / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text("utf-8")
LOCUST = [str(Path(sys.executable).with_name("locust")), "-f", "load/locustfile.py"]


def resources() -> Iterator[dict[str, Any]]:
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text("utf-8"))


def commands() -> dict[str, tuple[str, list[str]]]:
    """By place: the image's target and the words that follow its entry point."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, service in yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"].items():
        words = [re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word) for word in service["command"]]
        found[f"compose {name}"] = (service["build"]["target"], words)
    for resource in resources():
        spec = resource["spec"]
        if resource["kind"] == "LocustTest":
            found["operator"] = ("load", shlex.split(spec["args"]))
        for container in spec.get("template", {}).get("spec", {}).get("containers", []):
            image = container["image"].removeprefix("tchat-").split(":")[0]
            found[f"{resource['kind']} {container['name']}"] = (image, container["args"])
    return found


COMMANDS = commands()


def entry(target: str) -> list[str]:
    (stage,) = re.findall(rf"^FROM harness AS {target}\n(.*?)(?=^FROM|\Z)", CONTAINERFILE, re.M | re.S)
    (words,) = re.findall(r"^ENTRYPOINT (\[.*\])$", stage, re.M)
    return list(json.loads(words))


@pytest.fixture(scope="module")
def helped() -> dict[str, str]:
    """By target: all that its program's help says."""
    asked = {
        "mock": command("mock_server", "--help"),
        "suite": command("pytest", "contracts", "--help"),
        "load": command("locust", *LOCUST[1:], "--help-all"),
        "gate": command("reports", "gate", "--help"),
    }
    return {target: process.communicate()[0] for target, process in asked.items()}


def test_what_the_image_copies_exists_and_its_programs_are_ours() -> None:
    for source in re.findall(r"^COPY (.+) \S+$", CONTAINERFILE, re.M):
        assert all((ROOT / name).exists() for name in source.split())
    assert entry("load")[1:] == LOCUST[1:]
    assert [entry(target)[2] for target in ("mock", "suite", "gate")] == ["mock_server", "pytest", "reports"]


@pytest.mark.parametrize("place", COMMANDS)
def test_every_option_exists(place: str, helped: dict[str, str]) -> None:
    target, words = COMMANDS[place]
    for word in [*entry(target), *words]:
        if word.startswith("--"):
            assert re.search(rf"{re.escape(word.split('=')[0])}(?![\w-])", helped[target]), word


def test_the_parts_find_each_other() -> None:
    documents = list(resources())
    services = {one["metadata"]["name"]: one["spec"] for one in documents if one["kind"] == "Service"}
    labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in documents if one["kind"] in ("Job", "Deployment")
    ]  # fmt: skip
    for service in services.values():
        assert any(service["selector"].items() <= of.items() for of in labels)
    asked = {
        re.sub(r"^http://|[.:].*", "", word.split("=", 1)[1])
        for place, (_, words) in COMMANDS.items()
        if not place.startswith("compose")
        for word in words
        if word.startswith(("--host=", "--master-host="))
    }
    assert asked == set(services)
