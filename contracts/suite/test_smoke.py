"""Does it answer at all: a minute of trouble saved before everything else is red."""

from __future__ import annotations

from contracts.spec import load
from contracts.suite.api import Api
from contracts.suite.breach import equal, expect
from contracts.suite.recipes import reach
from contracts.suite.registry import family

check = family("smoke")


def _operations() -> list[str]:
    return list(load().operations)


@check("smoke.reaches", "Each operation answers a plain right request with its documented success.", "openapi",
       over=_operations, needs=())  # fmt: skip
def reaches(api: Api, value: str) -> None:
    answer = reach(api, value)
    equal(answer.status, api.spec[value].success.status, f"status of {value}", answer)


@check("smoke.both-mounts", "Paths and state are the same under every server of the document.", "R1, F2",
       operations=["getContentItems", "login"], needs=())  # fmt: skip
def both_mounts(api: Api) -> None:
    for prefix in api.world.recorder.judge.bases:
        login = api.world.settings.accounts["owner"]
        body = {"email": login.email, "password": login.password}
        answer = api.call("login", body=body, prefix=prefix)
        equal(answer.status, 200, f"status of login under {prefix or '/'}", answer)
        page = api.call("getContentItems", prefix=prefix).must(200)
        expect(isinstance(page.member("data", "data"), list), "a page of items", page.told(), page)


@check(
    "smoke.read-your-write",
    "A created item can be read at once.",
    "openapi",
    operations=["createContentItem"],
)
def read_your_write(api: Api) -> None:
    item = api.create()
    equal(api.get(item["id"]), item, "the item read")
