"""Programs that a benchmark needs and this machine may lack: then a row is not measured, and says what to install.

`Unmeasured` is raised for everything that keeps a number from being had: a program, a package, a server that does not start, a
generator that reports nothing, an event that does not come. What was not measured never passes.
"""

import shutil

INSTALL = {
    "wrk": "apt install wrk, brew install wrk",
    "nginx": "apt install nginx-light, brew install nginx",
    "node": "Node 20 or newer: apt install nodejs, brew install node",
    "npm": "apt install npm, brew install node",
}


class Unmeasured(Exception):
    """One line for the table: what is missing or went wrong, and what to do."""


def find(name: str) -> str:
    """The path of the program, or Unmeasured."""
    found = shutil.which(name)
    if found is None:
        raise Unmeasured(f"{name} is not installed ({INSTALL[name]})")
    return found
