"""The few SVG elements that the pictures need, as strings that are safe within a page.

Colours are CSS classes and never values, so that one picture serves light, dark and print. Numbers have one decimal: enough
for a pixel, and the same bytes on every machine.

>>> tag("line", {"x1": 0.04, "y1": 2, "class": "grid"})
Markup('<line x1="0" y1="2" class="grid"/>')
"""

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

Value = str | float | int


def number(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def tag(name: str, attributes: Mapping[str, Value], *children: Markup) -> Markup:
    description = "".join(
        f' {key}="{escape(value if isinstance(value, str) else number(value))}"'
        for key, value in attributes.items()
    )
    if not children:
        return Markup(f"<{name}{description}/>")
    return Markup(f"<{name}{description}>{''.join(children)}</{name}>")


def text(x: float, y: float, words: str, kind: str = "tick", anchor: str = "start") -> Markup:
    attributes: dict[str, Value] = {"x": x, "y": y, "class": kind}
    if anchor != "start":
        attributes["text-anchor"] = anchor
    return tag("text", attributes, escape(words))


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return tag("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": kind})


def path(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    data = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return tag("path", {"d": f"M{data}", "class": kind}) if data else Markup("")


def rect(x: float, y: float, width: float, height: float, kind: str, opacity: float | None = None) -> Markup:
    attributes: dict[str, Value] = {"x": x, "y": y, "width": width, "height": height, "class": kind}
    if opacity is not None:
        attributes["opacity"] = f"{opacity:.2f}"
    return tag("rect", attributes)


def picture(
    width: float, height: float, described: str, parts: Iterable[Markup], *, wide: bool = False
) -> Markup:
    """A whole picture. `described` is its text for screen readers; a wide picture keeps its size and scrolls."""
    head: dict[str, Value] = {
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "role": "img",
        "aria-label": described,
    }
    if wide:
        head |= {"class": "wide", "style": f"width:{number(width)}px"}
    return tag("svg", head, *parts)
