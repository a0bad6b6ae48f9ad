"""Mock, master and two workers, each on a host of its own: the commands of the Kubernetes manifests in network namespaces.

The hosts have the names of the manifests' services, and one worker's clock is 50,000 s ahead. Where no namespace can be made (it takes
root on Linux), this is skipped.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import NamedTuple
from uuid import uuid4

import pytest

from contracts.run import parse
from tests.load.deploy.test_deploy import COMMANDS, LOCUST, ROOT, entry
from tests.waiting import HANG, until

NAMES = ("tchat-api.default.svc", "tchat-load-master", "worker-1", "worker-2")
APART = ["unshare", "--time", "--monotonic", "50000", "--boottime", "50000", "--fork"]


class Hosts(NamedTuple):
    """Hosts in namespaces of their own, joined by a bridge: the namespace of each by its name, and a hosts file with all addresses."""

    namespaces: dict[str, str]
    file: Path

    def command(self, name: str, *words: str) -> list[str]:
        """The words as a command on that host, where every host's name has its address."""
        mounted = [
            "unshare",
            "--mount",
            "sh",
            "-c",
            f'mount --bind {self.file} /etc/hosts && exec "$@"',
            name,
        ]
        return ["ip", "netns", "exec", self.namespaces[name], *mounted, *words]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    if which("ip") is None or which("unshare") is None or os.geteuid() != 0:
        pytest.skip("no network namespace can be made here: ip(8), unshare(1) and root are needed")
    if subprocess.run(["unshare", "--net", "--mount", *APART[1:], "true"], capture_output=True).returncode:
        pytest.skip("this kernel or container makes no network and time namespaces")
    mark = uuid4().hex[:6]
    bridge = f"b{mark}"
    namespaces = {name: f"h{number}{mark}" for number, name in enumerate(NAMES)}
    lines = [f"10.77.0.{10 + number} {name}" for number, name in enumerate(NAMES)]
    file = tmp_path / "hosts"
    file.write_text("\n".join(["127.0.0.1 localhost", *lines, ""]))
    try:
        # The bridge has a namespace of its own, too: nothing of it is seen from the machine's network.
        ip("netns", "add", bridge)
        ip("-n", bridge, "link", "add", bridge, "type", "bridge")
        ip("-n", bridge, "link", "set", bridge, "up")
        for number, space in enumerate(namespaces.values()):
            ip("netns", "add", space)
            ip("-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", space, "netns", bridge)
            ip("-n", bridge, "link", "set", space, "master", bridge, "up")
            ip("-n", space, "addr", "add", f"10.77.0.{10 + number}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                ip("-n", space, "link", "set", device, "up")
        yield Hosts(namespaces, file)
    finally:
        for space in (*namespaces.values(), bridge):
            subprocess.run(["ip", "netns", "del", space], capture_output=True)


def test_the_manifests_make_a_run_on_four_hosts(hosts: Hosts, tmp_path: Path) -> None:
    made, log = tmp_path / "run.json", tmp_path / "mock.log"
    here = {"--scenario": "smoke", "--rate": "40", "--run-out": str(made), "--expect-workers": "2"}

    def words(place: str) -> list[str]:
        split = [word.split("=", 1) for word in COMMANDS[place][1]]
        return [name if not value else f"{name}={here.get(name, value[0])}" for name, *value in split]

    mock = [sys.executable, *entry("mock")[1:], *COMMANDS["Deployment mock"][1]]
    worker = [*LOCUST, *words("Deployment worker")]
    commands = [
        hosts.command(NAMES[1], *LOCUST, *words("Job master")),
        hosts.command(NAMES[2], *worker),
        hosts.command(NAMES[3], *APART, *worker),
    ]
    with log.open("wb") as output:
        running = [subprocess.Popen(hosts.command(NAMES[0], *mock), cwd=ROOT, stdout=output, stderr=output)]
    try:
        until(lambda: b"http://" in log.read_bytes() or running[0].poll() is not None)
        running += [subprocess.Popen(command, cwd=ROOT) for command in commands]
        codes = [process.wait(HANG) for process in running[1:]]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert codes[0] in (0, 2), log.read_text()  # 2: this machine is too busy to prove a speed
    assert codes[1:] == [0, 0]
    (load,) = parse(made.read_bytes(), name=made.name).loads
    counted = sum(row.answered + row.errors for row in load.operations)
    assert counted == load.generator.sent == load.generator.planned
    by_check = {verdict.check: verdict.grade for verdict in load.verdicts if verdict.check != "objective"}
    assert "FAIL" not in by_check.values()
    assert (by_check["versions"], by_check["sync"], by_check["lost-update"]) == ("PASS", "PASS", "PASS")
