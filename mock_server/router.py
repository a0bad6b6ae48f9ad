"""`Router`, which finds the route of a path in a tree of the document's path segments, once for each prefix.

A literal segment precedes a template (OAS 3.1, Paths Object), so `/content/items/bulk` is never an id. Paths are split before they are
percent-decoded: `a%2Fb` is one segment.
"""

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from contracts.spec import Operation, Spec


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    methods: dict[str, Operation]
    allow: bytes


class _Node:
    __slots__ = ("literals", "name", "route", "template")

    def __init__(self) -> None:
        self.literals: dict[bytes, _Node] = {}
        self.template: _Node | None = None
        self.name = ""
        self.route: Route | None = None


class Router:
    def __init__(self, spec: Spec) -> None:
        self._root = _Node()
        paths: dict[str, dict[str, Operation]] = {}
        for operation in spec.endpoints:
            paths.setdefault(operation.path, {})[operation.method] = operation
        for path, methods in paths.items():
            route = Route(path, methods, allow(methods))
            for prefix in spec.prefixes:
                self._add(prefix + path, route)

    def _add(self, path: str, route: Route) -> None:
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                node.template = node.template or _Node()
                node = node.template
                node.name = segment[1:-1]
            else:
                node = node.literals.setdefault(segment.encode(), _Node())
        node.route = route

    def find(self, path: bytes) -> tuple[Route | None, dict[str, str]]:
        """The route of a percent-encoded path, and its decoded parameters; None if no path matches."""
        node = self._root
        parameters: dict[str, str] = {}
        for segment in path.split(b"/")[1:]:
            if b"%" in segment:
                segment = unquote_to_bytes(segment)
            following = node.literals.get(segment)
            if following is None:
                following = node.template
                if following is None or not segment:
                    return None, {}
                try:
                    parameters[following.name] = segment.decode()
                except UnicodeDecodeError:
                    return None, {}
            node = following
        return node.route, parameters


def allow(methods: dict[str, Operation]) -> bytes:
    """The value of `Allow` for a path: its documented methods, HEAD if there is a GET, and OPTIONS (RFC 9110, 10.2.1)."""
    names = [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]
    return ", ".join(sorted(names)).encode()
