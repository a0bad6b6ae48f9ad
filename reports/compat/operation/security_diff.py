"""The comparison of security requirements: the alternatives, each a set of credentials with their scopes.

A credential is identified by how a client obtains and sends it, not by its name: a renamed scheme is the same, and one
whose token comes from another URL is not.
"""

from collections.abc import Iterable, Iterator, Mapping

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation.api_document import ApiDocument, ApiOperation
from reports.compat.pointers import Node
from reports.compat.schema.json_values import canonical_json

Requirement = frozenset[tuple[str, frozenset[str]]]
"""Credentials that are needed together: (name of the scheme in the old document, scopes)."""

_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


class SecuritySchemes:
    """The security schemes of two documents; equal schemes get one name."""

    def __init__(self, old: ApiDocument, new: ApiDocument) -> None:
        self.old, self.new = _schemes(old), _schemes(new)
        known = {_credential(node): name for name, node in reversed(list(self.old.items()))}
        self._names = {name: self._name(name, node, known) for name, node in self.new.items()}

    def _name(self, name: str, node: Node, known: Mapping[str, str]) -> str:
        same = name in self.old and _credential(self.old[name]) == _credential(node)
        return name if same else known.get(_credential(node), name)

    def requirements(self, operation: ApiOperation, *, new: bool) -> list[Requirement]:
        """The alternatives of an operation; one empty requirement if it needs no credential."""
        names = self._names if new else {}
        alternatives = [
            frozenset((names.get(name, name), frozenset(scopes)) for name, scopes in each.items())
            for each in _security(operation)
        ]
        return alternatives or [frozenset()]

    def changed(self, used: frozenset[str]) -> Iterator[Difference]:
        """The changes of the used schemes: how a client obtains the credential, how it sends it, and its scopes."""
        for name, node in self.new.items():
            if self._names[name] != name or name not in self.old or name not in used:
                continue
            old = self.old[name]
            for message in _differences(old, node):
                yield in_new("security.scheme-changed", "", node.pointer, f"the credential {name} {message}")
            was, now = _scopes(old), _scopes(node)
            for scope in sorted(was - now):
                message = f"the scope {scope} of {name} is not given any more"
                yield in_old("security.scope-removed", "", old.pointer, message)
            for scope in sorted(now - was):
                message = f"the scope {scope} of {name} is given now"
                yield in_new("security.scope-added", "", node.pointer, message)


def _schemes(version: ApiDocument) -> dict[str, Node]:
    components = version.root.child("components")
    return dict(components.children("securitySchemes")) if components is not None else {}


def _sent(scheme: Node) -> tuple[object, ...]:
    """How a client sends the credential: where in the request and under which name."""
    name = str(scheme.get("name", ""))
    return (
        scheme.get("type"),
        str(scheme.get("scheme", "")).lower() if scheme.get("type") == "http" else "",
        scheme.get("in"),
        name.lower() if scheme.get("in") == "header" else name,
    )


def _fetched(scheme: Node) -> dict[str, object]:
    """The places where a client obtains the credential: the URLs of the flows and of the metadata."""
    flows = {
        name: {url: flow.get(url) for url in _URLS if flow.get(url)}
        for name, flow in scheme.children("flows")
    }
    found: dict[str, object] = dict(flows)
    metadata = {
        name: scheme.get(name) for name in ("openIdConnectUrl", "oauth2MetadataUrl") if scheme.get(name)
    }
    return found | metadata


def _scopes(scheme: Node) -> set[str]:
    return {
        f"{scope} ({name})" for name, flow in scheme.children("flows") for scope in flow.get("scopes") or {}
    }


def _credential(scheme: Node) -> str:
    return canonical_json([list(_sent(scheme)), _fetched(scheme), sorted(_scopes(scheme))])


def _differences(old: Node, new: Node) -> Iterator[str]:
    if _sent(old) != _sent(new):
        yield "is sent in another way"
    was, now = _fetched(old), _fetched(new)
    for name in was:
        if name not in now:
            yield f"is not given by {name} any more"
        elif was[name] != now[name]:
            yield f"comes from {canonical_json(now[name])} and came from {canonical_json(was[name])}"


def security(old: ApiOperation, new: ApiOperation, credentials: SecuritySchemes) -> Iterator[Difference]:
    was, now = credentials.requirements(old, new=False), credentials.requirements(new, new=True)
    refused = [one for one in was if not any(_satisfies(one, other) for other in now)]
    make, place = (in_new, pointer) if (pointer := _pointer(new)) else (in_old, _pointer(old))
    needed = " or ".join(map(_in_words, now))
    if refused:
        message = f"{' or '.join(map(_in_words, refused))} was enough and is not; {needed} is needed"
        yield make("security.narrowed", old.id, place, message)
    elif not all(any(_satisfies(other, one) for one in was) for other in now):
        yield make("security.loosened", old.id, place, f"{needed} is enough now")


def _satisfies(held: Requirement, needed: Requirement) -> bool:
    """Whether a client with the held credentials has the needed ones."""
    return all(any(name == other and scopes <= given for other, given in held) for name, scopes in needed)


def _pointer(operation: ApiOperation) -> str:
    """The pointer of the requirements: at the operation or at the document; empty if there are none."""
    if "security" in operation.node:
        return f"{operation.pointer}/security"
    return "/security" if "security" in operation.root else ""


def _in_words(requirement: Requirement) -> str:
    names = (f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in requirement)
    return " with ".join(sorted(names)) or "no credential"


def used(operations: Iterable[ApiOperation]) -> frozenset[str]:
    """The names of the schemes that some operation needs."""
    return frozenset(name for operation in operations for each in _security(operation) for name in each)


def _security(operation: ApiOperation) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = operation.node.get("security", operation.root.get("security", []))
    return found
