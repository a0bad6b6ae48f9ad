"""Checks that text is stored unchanged: of any script, and of any length that the document allows."""

from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import LARGEST
from contracts.suite.contract_violation import equal
from contracts.suite.plugin.registry import family

check = family("semantics")


@check("items.unicode-survives", "RFC 8259 8.1, openapi", operations=["createContentItem"])
def unicode_survives(api: Api) -> None:
    """Text is returned exactly as it was sent: any script, any plane, either case, all white space, without normalisation."""
    for text in (
        "é e\u0301",
        "👩‍👩‍👧‍👦 𝔘",
        "\u202eabc\u2066",
        "a\tb\r\nc\u2028d",
        "\u0001\u001f",
        "  MiXeD  CaSe ",
        "'; -- %_\\\\ \"<b>&",
    ):
        title = f"{api.word()} {text}"
        item = api.create(title=title, body=text, tags=[text], metadata={text: text})
        got = api.get(item["id"])
        for name, value in (("title", title), ("body", text), ("tags", [text]), ("metadata", {text: text})):
            equal(got[name], value, f"{name} read back")


@check("items.largest-survives", "openapi", operations=["createContentItem", "getContentItem"])
def largest(api: Api) -> None:
    """An item with every member at its limit is returned completely."""
    answer = api.call("createContentItem", body=LARGEST).must(201)
    read = api.call("getContentItem", path={"id": answer.data["id"]}).must(200)
    for name, value in LARGEST.items():
        for shown in (answer, read):
            equal(shown.member("data", name) == value, True, f"{name} comes back whole", shown)


@check("items.length-in-code-points", "openapi", operations=["createContentItem"])
def code_points(api: Api) -> None:
    """Lengths count code points: 200 of any plane are a title, 201 are not."""
    for sign in ("a", "ß", "字", "𝄞"):
        answer = api.call("createContentItem", body={"title": sign * 200}).must(201, why=f"200 times {sign}")
        equal(len(answer.member("data", "title")), 200, "length of the title", answer)
        api.call("createContentItem", body={"title": sign * 201}).must(400, why=f"201 times {sign}")
