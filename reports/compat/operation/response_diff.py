"""The comparison of responses: statuses, media types, headers and bodies. A client must get nothing undocumented."""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.compat.difference import Difference, in_new, in_old
from reports.compat.operation.api_document import ApiOperation
from reports.compat.operation.media_type import content_difference, matching_key, media_types
from reports.compat.pointers import Node
from reports.compat.schema.schema_diff import SchemaDiff
from reports.compat.schema.schema_shape import shape


def answers(old: ApiOperation, new: ApiOperation, walk: SchemaDiff) -> Iterator[Difference]:
    before, here = _answers(old), _answers(new)
    yield from _statuses(old, before, here)
    # A status is compared with what stood for it before: itself, its range, or `default`.
    compared: set[tuple[str, str]] = set()
    for status in dict.fromkeys((*before, *here)):
        was, now = _for(status, before), _for(status, here)
        if was is not None and now is not None and (was, now) not in compared:
            compared.add((was, now))
            pair = _ResponsePair(operation=old.id, status=status, old=before[was], new=here[now], walk=walk)
            yield from pair.media_types()
            yield from pair.headers()


def _answers(operation: ApiOperation) -> dict[str, Node]:
    return {
        status.upper() if status != "default" else status: node
        for status, node in operation.node.children("responses")
    }


def _success(status: str) -> bool:
    return status[:1] in "123"


def _for(status: str, answers: dict[str, Node]) -> str | None:
    """The key of the response for a status. `default` stands for a success only if no success is listed."""
    for each in (status, f"{status[:1]}XX"):
        if each in answers:
            return each
    listed = _success(status) and any(_success(each) for each in answers if each != "default")
    return "default" if "default" in answers and not listed else None


def _statuses(
    operation: ApiOperation, before: dict[str, Node], here: dict[str, Node]
) -> Iterator[Difference]:
    gone = [status for status in before if _for(status, here) is None]
    fresh = [status for status in here if _for(status, before) is None]
    lost = [status for status in gone if _success(status)]
    for status in fresh:
        if not _success(status):
            yield in_new("answer.error-added", operation.id, here[status].pointer, f"{status} is a new error")
        elif lost:
            message = f"success is {status} now and was {lost[0]}"
            yield in_new("answer.status-changed", operation.id, here[status].pointer, message)
        else:
            message = f"success may be {status} now"
            yield in_new("answer.success-added", operation.id, here[status].pointer, message)
    replaced = lost and any(_success(status) for status in fresh)
    left = any(status[:1] == "2" for status in here)
    for status in gone:
        if not _success(status) or not replaced:
            rule = "answer.success-removed" if status[:1] == "2" and not left else "answer.removed"
            yield in_old(rule, operation.id, before[status].pointer, f"{status} does not come any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ResponsePair:
    """The responses of both documents for one status."""

    operation: str
    status: str
    old: Node
    new: Node
    walk: SchemaDiff

    def media_types(self) -> Iterator[Difference]:
        old, new = media_types(self.old), media_types(self.new)
        # A type within a range of the other document is neither removed nor added.
        gone = [
            media
            for media in old
            if matching_key(media, new) is None and not any(matching_key(m, [media]) for m in new)
        ]
        fresh = [media for media in new if matching_key(media, old) is None]
        if old and not new:
            message = f"{self.status} has no body any more"
            yield in_old("answer.body-removed", self.operation, f"{self.old.pointer}/content", message)
        elif new and not old:
            message = f"{self.status} has a body now"
            yield in_new("answer.body-added", self.operation, f"{self.new.pointer}/content", message)
        elif fresh and len(gone) == len(old):
            message = f"{self.status} comes as {' or '.join(fresh)} and came as {' or '.join(gone)}"
            yield in_new("answer.media-changed", self.operation, f"{self.new.pointer}/content", message)
        else:
            for media in gone:
                message = f"{self.status} does not come as {media} any more"
                yield in_old("answer.media-removed", self.operation, old[media][1].pointer, message)
            for media in fresh:
                message = f"{self.status} may come as {media} too; whether it does is up to the server"
                yield in_new("answer.media-added", self.operation, new[media][1].pointer, message)
        for media in dict.fromkeys((*new, *old)):
            was, now = matching_key(media, old), matching_key(media, new)
            if was is not None and now is not None:
                yield from content_difference(self.walk, media, old[was][1], new[now][1])

    def headers(self) -> Iterator[Difference]:
        # A header of this name is ignored (OAS 3.1, 4.8.17), because `content` holds the media types.
        old, new = (
            {
                name.lower(): (name, node)
                for name, node in each.children("headers")
                if name.lower() != "content-type"
            }
            for each in (self.old, self.new)
        )
        for key, (name, header) in old.items():
            required = header.get("required") is True
            if key not in new:
                rule = f"answer.header-{'removed' if required else 'dropped'}"
                message = f"{name} does not come with {self.status} any more"
                yield in_old(rule, self.operation, header.pointer, message)
                continue
            kept = new[key][1]
            always = kept.get("required") is True
            if required and not always:
                message = f"{name} may be missing now"
                yield in_new("answer.header-optional", self.operation, kept.pointer, message)
            elif always and not required:
                message = f"{name} is always there now"
                yield in_new("answer.header-required", self.operation, kept.pointer, message)
            yield from self._value(name, header, kept)
        for key, (name, header) in new.items():
            if key not in old:
                message = f"{name} comes with {self.status} now"
                yield in_new("answer.header-added", self.operation, header.pointer, message)

    def _value(self, name: str, old: Node, new: Node) -> Iterator[Difference]:
        was, now = _written(old), _written(new)
        before, here = (next(iter(media_types(each).values()), ("", each))[1] for each in (old, new))
        types = shape(before.schema("schema")).types
        if was != now and (isinstance(was, str) or isinstance(now, str) or types & {"array", "object"}):
            message = f"the value of {name} is written otherwise"
            yield in_new("answer.header-style-changed", self.operation, new.pointer, message)
        else:
            yield from content_difference(self.walk, str(was), before, here)


def _written(header: Node) -> str | bool:
    """The media type of a header's value, or whether its members are written as `name=value`."""
    return next(iter(media_types(header)), header.get("explode") is True)
