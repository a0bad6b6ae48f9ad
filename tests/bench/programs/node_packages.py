"""The peers' programs, installed once with npm into a folder of the cache, in the versions named here."""

import json
import subprocess
from pathlib import Path

from tests.bench.programs.installed import Unmeasured, find
from tests.bench.setting import Setting

PINNED = {"@stoplight/prism-cli": "5.14.2", "@mockoon/cli": "9.9.0", "json-server": "0.17.4"}


def programs(setting: Setting) -> Path:
    """The folder with the executables of all packages, or Unmeasured."""
    find("node")
    folder = setting.cache / "npm"
    binaries = folder / "node_modules" / ".bin"
    if installed(folder) == PINNED and binaries.is_dir():
        return binaries
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": PINNED}), "utf-8")
    setting.say("peers: npm install (once, half a minute)")
    done = subprocess.run(
        [find("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        told = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise Unmeasured(f"npm cannot install the peers: {told}")
    return binaries


def installed(folder: Path) -> dict[str, str]:
    """Package -> version, of the pinned ones that are there."""
    found = {}
    for name in PINNED:
        try:
            package = json.loads((folder / "node_modules" / name / "package.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found[name] = str(package.get("version"))
    return found
