"""The packages of this repository, what each is, and what of ours each may import: the table of the README and of the tests."""

from __future__ import annotations

from typing import NamedTuple


class Package(NamedTuple):
    """`may_import` names packages of ours; `says` is the sentence of the README's map."""

    says: str
    may_import: frozenset[str]


PACKAGES = {
    "contracts": Package(
        "what must hold of any server: documents, reference model, checkers; `contracts/suite` holds a server to it as pytest tests",
        frozenset({"contracts"}),
    ),
    "mock_server": Package(
        "the reference server: keeps the contract, and can be told to break it in some 400 ways",
        frozenset({"contracts", "mock_server"}),
    ),
    "load": Package(
        "open-model load, virtual users and reconnect storms on Locust; judges speed and meaning of what it recorded",
        frozenset({"contracts", "load"}),
    ),
    "reports": Package(
        "the release gate: one decision by a policy, one exit code, and the report in all formats",
        frozenset({"contracts", "reports"}),
    ),
    "tests": Package(
        "our own tests and the programs that measure the harness itself",
        frozenset({"contracts", "load", "mock_server", "reports", "tests"}),
    ),
}  # fmt: skip
