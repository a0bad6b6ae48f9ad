"""Compares who may call an operation: the ways to be let in, each a set of credentials with their scopes.

A credential is what a client does with it, not what the document calls it: a scheme that is renamed is the same,
and one whose token comes from another URL is not.
"""

from collections.abc import Iterator, Mapping

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation.api_document import ApiDocument, ApiOperation
from reports.compat.pointers import Node
from reports.compat.schema.json_values import text

Way = frozenset[tuple[str, frozenset[str]]]
"""SecuritySchemes that are all needed: (name of the scheme in the old document, scopes)."""

_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


class SecuritySchemes:
    """The security schemes of two documents. Those that say the same have one name."""

    def __init__(self, was: ApiDocument, now: ApiDocument) -> None:
        self.old, self.new = _schemes(was), _schemes(now)
        known = {_credential(node): name for name, node in reversed(list(self.old.items()))}
        self._names = {name: self._name(name, node, known) for name, node in self.new.items()}

    def _name(self, name: str, node: Node, known: Mapping[str, str]) -> str:
        same = name in self.old and _credential(self.old[name]) == _credential(node)
        return name if same else known.get(_credential(node), name)

    def ways(self, operation: ApiOperation, *, new: bool) -> list[Way]:
        asked = operation.node.get("security", operation.root.get("security", []))
        named = self._names if new else {}
        ways = [
            frozenset((named.get(name, name), frozenset(scopes)) for name, scopes in way.items())
            for way in asked
        ]
        return ways or [frozenset()]

    def changed(self, used: frozenset[str]) -> Iterator[Difference]:
        """Of the schemes that operations ask for: where the credential comes from, and how it is sent."""
        for name, node in self.new.items():
            if self._names[name] != name or name not in self.old or name not in used:
                continue
            old = self.old[name]
            for told in _differences(old, node):
                yield in_new("security.scheme-changed", "", node.pointer, f"the credential {name} {told}")
            was, now = _scopes(old), _scopes(node)
            for scope in sorted(was - now):
                told = f"the scope {scope} of {name} is not given any more"
                yield in_old("security.scope-removed", "", old.pointer, told)
            for scope in sorted(now - was):
                told = f"the scope {scope} of {name} is given now"
                yield in_new("security.scope-added", "", node.pointer, told)


def _schemes(version: ApiDocument) -> dict[str, Node]:
    components = version.root.child("components")
    return dict(components.children("securitySchemes")) if components is not None else {}


def _sent(scheme: Node) -> tuple[object, ...]:
    """What a client does with it: where it goes and under which name."""
    name = str(scheme.get("name", ""))
    return (
        scheme.get("type"),
        str(scheme.get("scheme", "")).lower() if scheme.get("type") == "http" else "",
        scheme.get("in"),
        name.lower() if scheme.get("in") == "header" else name,
    )


def _fetched(scheme: Node) -> dict[str, object]:
    """Where the credential comes from."""
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
    return text([list(_sent(scheme)), _fetched(scheme), sorted(_scopes(scheme))])


def _differences(old: Node, new: Node) -> Iterator[str]:
    if _sent(old) != _sent(new):
        yield "is sent in another way"
    was, now = _fetched(old), _fetched(new)
    for name in was:
        if name not in now:
            yield f"is not given by {name} any more"
        elif was[name] != now[name]:
            yield f"comes from {text(now[name])} and came from {text(was[name])}"


def security(old: ApiOperation, new: ApiOperation, credentials: SecuritySchemes) -> Iterator[Difference]:
    was, now = credentials.ways(old, new=False), credentials.ways(new, new=True)
    shut = [way for way in was if not any(_enough(way, other) for other in now)]
    make, place = (in_new, asked) if (asked := _asking(new)) else (in_old, _asking(old))
    if shut:
        told = (
            f"{' or '.join(map(_way, shut))} was enough and is not; {' or '.join(map(_way, now))} is needed"
        )
        yield make("security.narrowed", old.id, place, told)
    elif not all(any(_enough(other, way) for way in was) for other in now):
        told = f"{' or '.join(map(_way, now))} is enough now"
        yield make("security.loosened", old.id, place, told)


def _enough(held: Way, asked: Way) -> bool:
    """Whether who has these credentials has what is asked."""
    return all(any(name == other and scopes <= given for other, given in held) for name, scopes in asked)


def _asking(operation: ApiOperation) -> str:
    """Where it stands: at the operation, or once for all; empty where nothing is asked."""
    if "security" in operation.node:
        return f"{operation.pointer}/security"
    return "/security" if "security" in operation.root else ""


def _way(way: Way) -> str:
    told = (f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, scopes in way)
    return " with ".join(sorted(told)) or "no credential"


def used(operations: Iterator[ApiOperation]) -> frozenset[str]:
    """The schemes that some operation asks for."""
    asked = [operation.node.get("security", operation.root.get("security", [])) for operation in operations]
    return frozenset(name for ways in asked for way in ways for name in way)
