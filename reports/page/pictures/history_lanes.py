"""The picture of a concurrent history: a lane for each client, with a bar from each call to its answer.

The axis follows the order of events and not their exact times: microseconds are stretched until the order is visible, and
pauses are compressed, so that two bars overlap exactly if the calls were concurrent. Times are
written below. Bars that a checker blames carry its number.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from markupsafe import Markup, escape

from contracts import content_writes
from contracts.run.lanes import LaneCall, LaneFinding, LaneRecord
from reports.page.drawing.svg import line, picture, rect, tag, text
from reports.text.display import plural

DRAWN, AROUND = 50, 12
"""The most bars in one picture, unless more are blamed, and the calls shown on either side of the blamed ones."""
LEFT, RIGHT, TOP, LANE, BAR, TICK = 64.0, 16.0, 12.0, 22.0, 15.0, 90.0
NARROW, SPREAD = 600.0, 1000.0
"""In pixels: the least width of a picture, and the width that the events are spread over."""
CHARACTER = 6.3
WRITES = content_writes.WRITES | {"refreshTokens", "login", "logout"}
VERBS: Mapping[str, str] = {
    "createContentItem": "create",
    "updateContentItem": "update",
    "publishContent": "publish",
    "archiveContent": "archive",
    "revertContentVersion": "revert",
    "bulkUpdateContent": "bulk",
    "getContentItem": "read",
    "getContentItems": "list",
    "getContentByCategory": "list",
    "getContentVersions": "versions",
    "syncContent": "sync",
    "refreshTokens": "refresh",
    "verifyToken": "verify",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCall:
    """One call of a history, with the words for its bar."""

    call: LaneCall
    short: str
    """The version, token or status that it read or wrote: `1→2`, `v3`, `409`."""
    marks: tuple[int, ...]
    """The numbers (from 1) of the findings that blame it."""

    @property
    def verb(self) -> str:
        return VERBS.get(self.call.operation, self.call.operation)

    @property
    def words(self) -> str:
        return f"{self.verb} {self.short}".strip()

    @property
    def kind(self) -> str:
        if self.call.outcome != "ok":
            return f"lane-{self.call.outcome}"
        return "lane-write" if self.call.operation in WRITES else "lane-read"

    @property
    def ended(self) -> str:
        return "no answer" if self.call.done is None else f"{self.call.done / 1e6:.2f}"

    @property
    def sentence(self) -> str:
        """The call in words: `c3 update 1→2, 1.20 to 4.55 ms, 200`."""
        answered = f", {self.call.status}" if self.call.status else ""
        return f"{self.call.client} {self.words}, {self.call.sent / 1e6:.2f} to {self.ended} ms{answered}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLanes:
    """A history selected and named for drawing and for its table."""

    record: LaneRecord
    shown: tuple[DrawnCall, ...]
    findings: tuple[tuple[int, LaneFinding, tuple[DrawnCall, ...]], ...]
    """(number, finding, its calls among the drawn ones)."""

    @property
    def hidden(self) -> int:
        return self.record.total - len(self.shown)

    @property
    def picture(self) -> Markup:
        return _picture(self)


def lanes(record: LaneRecord) -> HistoryLanes:
    """The calls around the blamed ones; if none is blamed, the beginning of the history."""
    kept = _focus(record)
    numbered = list(enumerate(record.findings, 1))
    names = _Names(record.calls)
    shown = {
        index: DrawnCall(
            call=record.calls[index],
            short=names.short(record.calls[index]),
            marks=tuple(number for number, finding in numbered if index in finding.calls),
        )
        for index in kept
    }
    description = [
        (n, finding, tuple(shown[i] for i in finding.calls if i in shown)) for n, finding in numbered
    ]
    return HistoryLanes(record=record, shown=tuple(shown.values()), findings=tuple(description))


def _focus(record: LaneRecord) -> list[int]:
    """The indices of the calls to draw, ascending. The first finding decides, because it usually causes the rest."""
    every = range(len(record.calls))
    blamed = sorted(next((finding.calls for finding in record.findings if finding.calls), []))
    if not blamed:
        return list(every[:DRAWN])
    first, last = max(0, blamed[0] - AROUND), blamed[-1] + AROUND
    near = [index for index in every if first <= index <= last]
    if len(near) <= DRAWN:
        return near
    near.sort(key=lambda index: min(abs(index - wrong) for wrong in blamed))
    return sorted(near[: max(DRAWN, len(blamed))])


class _Names:
    """Short names for ids: items are a, b, c if there are several; tokens are A, B, C."""

    def __init__(self, calls: Sequence[LaneCall]) -> None:
        items = dict.fromkeys(call.facts["item"] for call in calls if call.facts.get("item"))
        self.items = {item: _letter("a", n) for n, item in enumerate(items)} if len(items) > 1 else {}
        tokens = dict.fromkeys(
            call.facts[fact] for call in calls for fact in ("presented", "issued") if call.facts.get(fact)
        )
        self.tokens = {token: _letter("A", n) for n, token in enumerate(tokens)}

    def short(self, call: LaneCall) -> str:
        facts = call.facts
        item = self.items.get(facts.get("item"), "")
        return " ".join(part for part in (item, self._outcome(call)) if part)

    def _outcome(self, call: LaneCall) -> str:
        facts = call.facts
        if call.outcome == "info":
            return "?"
        if "presented" in facts:
            issued = self.tokens.get(facts.get("issued"), str(call.status or ""))
            return f"{self.tokens[facts['presented']]}→{issued}"
        if call.outcome == "fail":
            current = f" v{facts['current']}" if "current" in facts else ""
            return f"{call.status or ''}{current}"
        if "version" in facts:
            return f"{facts['base']}→{facts['version']}" if "base" in facts else f"v{facts['version']}"
        return f"{facts['succeeded']}" if "succeeded" in facts else ""


def _letter(first: str, number: int) -> str:
    """
    >>> _letter("a", 0), _letter("a", 27)
    ('a', 'b2')
    """
    more = number // 26
    return f"{chr(ord(first) + number % 26)}{more + 1 if more else ''}"


class _Axis:
    """The time axis: nanoseconds to pixels, by the order of events."""

    def __init__(self, moments: Sequence[int]) -> None:
        self.moments = sorted(set(moments)) or [0]
        gaps = [after - before for before, after in pairwise(self.moments)] or [1]
        usual = min(14.0, max(4.0, SPREAD / len(gaps)))
        scale = usual / (median(gaps) or 1)
        self.places = [LEFT + 4]
        for gap in gaps:
            self.places.append(self.places[-1] + min(4 * usual, max(usual / 3, gap * scale)))
        spare = NARROW - LEFT - RIGHT - (self.places[-1] - LEFT)
        if spare > 0:
            stretch = 1 + spare / (self.places[-1] - LEFT)
            self.places = [LEFT + (place - LEFT) * stretch for place in self.places]

    @property
    def end(self) -> float:
        return self.places[-1]

    def __call__(self, moment: int) -> float:
        return self.places[bisect_right(self.moments, moment) - 1]

    def ticks(self) -> Iterator[tuple[float, int]]:
        last = -TICK
        for place, moment in zip(self.places, self.moments, strict=False):
            if place - last >= TICK:
                last = place
                yield place, moment


def _picture(drawn: HistoryLanes) -> Markup:
    calls = drawn.shown
    moments = [
        moment for shown in calls for moment in (shown.call.sent, shown.call.done) if moment is not None
    ]
    axis = _Axis(moments)
    rows = _rows(calls)
    bottom = TOP + LANE * len(rows)
    width = axis.end + RIGHT
    parts: list[Markup] = []
    for place, moment in axis.ticks():
        parts.append(line(place, TOP - 6, place, bottom, "grid"))
        parts.append(text(place, bottom + 16, f"{moment / 1e6:.2f} ms", anchor="middle" if place > LEFT + 40 else "start"))  # fmt: skip
    for number, (client, row) in enumerate(rows):
        top = TOP + LANE * number
        parts.append(text(LEFT - 8, top + LANE - 8, client, "name", "end"))
        for place, shown in enumerate(row):
            after = axis(row[place + 1].call.sent) if place + 1 < len(row) else width
            parts += _bar(shown, axis, top + (LANE - BAR) / 2, after, width)
    return picture(width, bottom + 22, _described(drawn), parts, wide=True)


def _rows(calls: Sequence[DrawnCall]) -> list[tuple[str, list[DrawnCall]]]:
    """A row for each client, and further rows without a name if its own calls overlap."""
    lanes: dict[str, list[list[DrawnCall]]] = {}
    for shown in calls:
        rows = lanes.setdefault(shown.call.client, [[]])
        row = next((row for row in rows if not row or _over(row[-1].call, shown.call)), None)
        if row is None:
            rows.append(row := [])
        row.append(shown)
    return [
        (client[:9] if not n else "", row) for client, rows in lanes.items() for n, row in enumerate(rows)
    ]


def _over(before: LaneCall, after: LaneCall) -> bool:
    return before.done is not None and before.done <= after.sent


def _bar(shown: DrawnCall, axis: _Axis, top: float, after: float, width: float) -> Iterator[Markup]:
    left = axis(shown.call.sent)
    right = width - 2 if shown.call.done is None else axis(shown.call.done)
    long = max(right - left - 1, 3.0)
    blamed = " lane-blamed" if shown.marks else ""
    yield tag(
        "g", {}, tag("title", {}, escape(shown.sentence)), rect(left, top, long, BAR, f"{shown.kind}{blamed}")
    )
    room = long - 4
    words = next(
        (
            description
            for description in (shown.words, shown.short)
            if description and len(description) * CHARACTER <= room
        ),
        "",
    )
    if words:
        yield text(left + 4, top + BAR - 4, words, f"on-{shown.kind}")
    elif shown.short and len(shown.short) * CHARACTER <= after - left - long - 6:
        yield text(left + long + 3, top + BAR - 4, shown.short, "name")
    if shown.marks:
        yield _mark(left, top, ",".join(map(str, shown.marks)))


def _mark(x: float, y: float, numbers: str) -> Markup:
    width = 6 + 6 * len(numbers)
    return tag(
        "g",
        {},
        tag("rect", {"x": x + 3 - width, "y": y - 6, "width": width, "height": 12, "rx": 6, "class": "mark"}),
        text(x + 3 - width / 2, y + 3.5, numbers, "on-mark", "middle"),
    )


def _described(drawn: HistoryLanes) -> str:
    record = drawn.record
    clients = len({shown.call.client for shown in drawn.shown})
    blamed = sum(bool(shown.marks) for shown in drawn.shown)
    wrong = f"{plural(blamed, 'call')} marked as wrong" if blamed else "none of them wrong"
    return (
        f"{record.check}: {plural(len(drawn.shown), 'call')} of {plural(clients, 'client')}, {wrong}; "
        "the list below the picture tells them"
    )
