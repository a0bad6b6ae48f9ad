"""Checks with races: writers, readers and refreshes that start at one instant, and the histories of their calls."""

import json
from functools import partial
from typing import Any

from contracts.suite.api.answered_lists import Item, tells_apart
from contracts.suite.api.api import Api
from contracts.suite.api.session_probes import account
from contracts.suite.contract_violation import equal, expect, if_promised
from contracts.suite.plugin.registry import family
from contracts.suite.programs.race import Race, RaceClient, asking
from contracts.suite.realtime.recording_socket import RecordingSocket

check = family("races")

WRITERS = 16


def _update(client: RaceClient, id: str, version: int, **fields: Any) -> Any:
    # What differs from the content of every version: an update that changes nothing need not be one.
    body = {"version": version, **(fields or {"body": f"{client.name} of {version}"})}
    return client.call("updateContentItem", path={"id": id}, body=body)


def _new(race: Race, **fields: Any) -> Item:
    item: Item = race.main.call("createContentItem", body={"title": race.api.word(), **fields}).must(201).data
    return item


@check("races.one-winner", "R17", operations=["updateContentItem"])
def one_winner(api: Api) -> None:
    """Of any number of writers on one version exactly one succeeds; the others get 409 with both numbers."""
    race = Race(api)
    item = _new(race)
    id = item["id"]
    for version in range(1, 9):
        answers = race.run([partial(_update, id=id, version=version)] * WRITERS)
        won = [answer for answer in answers if answer.status == 200]
        expect(
            len(won) == 1,
            f"one success of {WRITERS} writers on version {version}",
            f"{len(won)} successes",
            *won,
        )
        for answer in answers:
            if answer.status != 200:
                answer.must(409, "VERSION_CONFLICT")
                with if_promised():
                    current = answer.member("details", "currentVersion")
                    expect(current == version + 1, f"details.currentVersion {version + 1}", current, answer)
        final = race.main.call("getContentItem", path={"id": id}).must(200)
        equal(final.data, won[0].data, "the item after the race", won[0], final)
    race.judge("versions", "lost-update")


@check("races.counter", "R17, S:272-276", operations=["updateContentItem", "getContentItem"])
def counter(api: Api) -> None:
    """Read, add one, write, retry on conflict: no increment of any client is lost."""
    race = Race(api)
    id = _new(race, body="0")["id"]
    rounds, clients = 6, 6

    def program(client: RaceClient) -> None:
        for _ in range(rounds):
            while True:
                seen = client.call("getContentItem", path={"id": id}).must(200).data
                body = str(int(seen["body"]) + 1)
                if _update(client, id, seen["version"], body=body).status == 200:
                    break

    race.run([program] * clients)
    final = race.main.call("getContentItem", path={"id": id}).must(200)
    equal(final.data["body"], str(rounds * clients), "the counter", final)
    equal(final.data["version"], rounds * clients + 1, "the version", final)
    race.judge("versions", "lost-update")


@check(
    "races.reads-linearizable",
    "openapi",
    operations=["getContentItem", "updateContentItem", "getContentItems"],
)
def reads(api: Api) -> None:
    """Reads beside writes show versions that only go forward, and each whole."""
    race = Race(api)
    word = api.word()
    id = _new(race, title=word)["id"]

    def write(client: RaceClient) -> None:
        version = 1
        for number in range(25):
            text = f"{client.name} {number}"
            answer = _update(client, id, version, body=text, tags=[text], metadata={"n": text})
            if answer.status == 200:
                version = answer.data["version"]
                continue
            answer.must(409)
            version = client.call("getContentItem", path={"id": id}).must(200).data["version"]

    def read(client: RaceClient) -> None:
        for _ in range(25):
            item = client.call("getContentItem", path={"id": id}).must(200).data
            if item["version"] > 1:
                equal(
                    [item["tags"], item["metadata"]],
                    [[item["body"]], {"n": item["body"]}],
                    "members of one version",
                )
            client.call("getContentItems", query={"search": word}).must(200)
            client.call("getContentVersions", path={"id": id}, query={"limit": 1}).must(200)

    race.run([write, write, read, read, read, read])
    race.judge("versions", "lost-update")


@check(
    "races.bulk-against-single",
    "R19",
    operations=["bulkUpdateContent", "updateContentItem"],
    needs=("write", "publish"),
    requires=["versions in bulk"],
)
def bulk_against_single(api: Api) -> None:
    """Bulk requests beside single writes: each operation accounted once, versions stay linear."""
    race = Race(api)
    ids = [_new(race)["id"] for _ in range(3)]

    def bulk(client: RaceClient) -> None:
        for version in range(1, 9):
            data = {"body": f"{client.name} of {version}"}
            operations = [{"type": "update", "id": id, "version": version, "data": data} for id in ids]
            client.call(
                "bulkUpdateContent", body={"operations": [*operations, {"type": "publish", "id": ids[0]}]}
            ).must(200)

    def single(client: RaceClient) -> None:
        for version in range(1, 9):
            for id in ids:
                _update(client, id, version)

    race.run([bulk, bulk, bulk, single, single, single])
    for id in ids:
        race.main.call("getContentItem", path={"id": id}).must(200)
    race.judge("versions", "lost-update", "bulk")


@check(
    "races.publish-against-archive",
    "openapi",
    operations=["publishContent", "archiveContent"],
    needs=("write", "publish"),
)
def publish_archive(api: Api) -> None:
    """Publish and archive at once: archived in the end, one effect each, no version twice."""
    race = Race(api)
    for _ in range(6):
        id = _new(race)["id"]
        kinds = ["publishContent", "archiveContent"] * 4
        answers = race.run([asking(kind, path={"id": id}, body={}) for kind in kinds])
        published = any(
            a.status == 200 for a, kind in zip(answers, kinds, strict=True) if kind == "publishContent"
        )
        for answer, kind in zip(answers, kinds, strict=True):
            refused = answer.code == "INVALID_STATE" if answer.promises_code else answer.status == 409
            fine = answer.status == 200 or (kind == "publishContent" and refused)
            expect(fine, "200, or 409 INVALID_STATE for a publication", answer.summary(), answer)
        final = race.main.call("getContentItem", path={"id": id}).must(200)
        equal(
            (final.data["status"], final.data["version"]),
            ("archived", 3 if published else 2),
            "status and version",
            final,
        )
        history = [(v["version"], v["changeType"]) for v in api.versions(id)]
        wanted = (
            [(3, "archived"), (2, "published"), (1, "created")]
            if published
            else [(2, "archived"), (1, "created")]
        )
        equal(history, wanted, "the item's history")
    race.judge("versions")


@check("races.idempotent-create", "R31", operations=["createContentItem"])
def idempotent_create(api: Api) -> None:
    """The same creation with one key, sent many times at once, makes one item."""
    race = Race(api)
    for _ in range(3):
        title = api.word()
        headers = {"Idempotency-Key": f"k-{title}"}
        answers = race.run([asking("createContentItem", body={"title": title}, headers=headers)] * 8)
        ids = {answer.data["id"] for answer in answers if answer.status == 201}
        for answer in answers:
            fine = answer.status == 201 or answer.code == "IDEMPOTENCY_IN_FLIGHT"
            expect(fine, "201, or 409 IDEMPOTENCY_IN_FLIGHT", answer.summary(), answer)
        equal(len(ids), 1, "number of different items")
        equal(len(api.page(search=title).ids), 1, "items with this title")


@check("races.creates", "R30", operations=["createContentItem"])
def creates(api: Api) -> None:
    """Creations at once all get ids and stamps of their own, and all are there."""
    race = Race(api)
    word = api.word()

    def program(client: RaceClient) -> list[Item]:
        return [
            client.call("createContentItem", body={"title": f"{word} {n}"}).must(201).data for n in range(5)
        ]

    made = [item for items in race.run([program] * 8) for item in items]
    equal(len({item["id"] for item in made}), 40, "number of different ids")
    if tells_apart(api, made[0]["updatedAt"]):
        equal(len({item["updatedAt"] for item in made}), 40, "number of different stamps")
    equal(sorted(i["id"] for i in api.walk(search=word)), sorted(i["id"] for i in made), "items in the list")


@check("races.sync-under-writes", "R30", operations=["syncContent"])
def sync_under_writes(api: Api) -> None:
    """Chained sync windows beside writers lose nothing and repeat nothing."""
    race = Race(api)
    start = api.now()
    ids = [_new(race)["id"] for _ in range(4)]

    def write(client: RaceClient) -> None:
        for version in range(1, 16):
            _update(client, ids[int(client.name[1:]) % 4], version)
        client.call("createContentItem", body={"title": client.name}).must(201)

    def sync(client: RaceClient) -> str:
        stamp = start
        query: dict[str, Any] = {"includeDeleted": True, **api.every_platform()}
        for _ in range(20):
            answer = client.call("syncContent", query={**query, "lastSyncTimestamp": stamp}).must(200)
            stamp = answer.data["syncTimestamp"]
        return stamp

    stamps = race.run([write, write, write, write, sync, sync])[4:]
    for stamp in stamps:
        query = {"includeDeleted": True, **api.every_platform(), "lastSyncTimestamp": stamp}
        race.main.call("syncContent", query=query).must(200)
    race.judge("sync", "versions")


@check(
    "races.parallel-refreshes",
    "R6, RFC 9700 4.14.2",
    operations=["refreshTokens"],
    needs=(),
    requires=["single use", "rotation"],
)
def parallel_refreshes(api: Api) -> None:
    """Any number of refreshes with one token at once get the same successor pair, and the session lives; at most one succeeds where a used
    token has no grace."""
    grace = api.promises("refresh rules") and api.promises("refresh grace")
    for _ in range(3):
        own = api.fresh()
        race = Race(own)
        session = {"session": own.call("verifyToken").must(200).json["sessionId"]}
        facts = {**session, "deliberate": True}
        token = own.session.refresh
        for _ in range(3 if grace else 1):
            answers = race.run([asking("refreshTokens", token=token, facts=facts)] * 10)
            if not grace:
                taken = [answer for answer in answers if answer.status == 200]
                expect(len(taken) <= 1, "one use of one refresh token", f"{len(taken)}", *taken[:2])
                continue
            pairs = {json.dumps(answer.must(200).json["tokens"]["refreshToken"]) for answer in answers}
            expect(
                len(pairs) == 1,
                "one successor of one refresh token",
                f"{len(pairs)} different ones",
                *answers[:2],
            )
            access = {answer.json["tokens"]["accessToken"] for answer in answers}
            expect(
                len(access) == 1, "one successor access token", f"{len(access)} different ones", *answers[:2]
            )
            race.main.call("verifyToken", token=access.pop(), facts=session).must(200)
            token = answers[0].json["tokens"]["refreshToken"]
        if grace:
            race.main.call("logout", facts=session).must(200)
            race.main.call("verifyToken", facts=session).must(401)
            race.judge("sessions")


@check("races.refresh-against-logout", "S:807-840", operations=["refreshTokens", "logout"], needs=())
def refresh_against_logout(api: Api) -> None:
    """Refreshes beside a logout: whoever wins, nothing of the session works after the logout's answer."""
    for _ in range(4):
        own = api.fresh()
        race = Race(own)
        facts = {"session": own.call("verifyToken").must(200).json["sessionId"], "deliberate": True}
        programs = [asking("refreshTokens", token=own.session.refresh, facts=facts)] * 6
        answers = race.run([*programs, asking("logout", facts=facts)])
        # Where a token that was used ends its session, the refreshes beside it may have done so before the logout came.
        if answers[-1].status != 401 or (api.promises("refresh rules") and api.promises("refresh grace")):
            answers[-1].must(200)
        if answers[-1].status == 401 and not api.promises("earlier access tokens"):
            continue  # a refresh has ended the access token before the logout came, and the session with its new one is alive
        for answer in answers[:-1]:
            if answer.status == 200:
                tokens = answer.json["tokens"]
                race.main.call("verifyToken", token=tokens["accessToken"], facts=facts).must(401)
                race.main.call("refreshTokens", token=tokens["refreshToken"], facts=facts).must(401)
            else:
                answer.must(401)
        race.judge("sessions")


@check("races.events", "W1, W2, W3", needs=("write", "realtime"), requires=["realtime channel"])
def events(api: Api) -> None:
    """Events of writers at once: every commit reaches the socket once, in order, and never before it is readable."""
    race = Race(api)
    sockets = [RecordingSocket(api.target, api.session) for _ in range(2)]
    try:
        ids = [_new(race)["id"] for _ in range(3)]

        def write(client: RaceClient) -> None:
            for version in range(1, 13):
                for id in ids:
                    _update(client, id, version)

        def follow(client: RaceClient) -> None:
            for _ in range(30):
                seen = [
                    m
                    for m in sockets[0].messages
                    if m.type == "content_updated" and m.data["contentId"] in ids
                ]
                if seen:
                    client.call("getContentItem", path={"id": seen[-1].data["contentId"]}).must(200)

        race.run([write, write, write, follow])
        for socket in sockets:
            for id in ids:
                expect(
                    socket.wait(partial(socket.of, "content_updated", contentId=id, version=13)),
                    "an event of the last version",
                    "none",
                )
        for number, socket in enumerate(sockets):
            race.add_socket(socket, f"s{number}")
    finally:
        for socket in sockets:
            socket.close()
    race.calls = [
        c
        for c in race.calls
        if c.operation != "socket.event" or c.facts.get("item") in ids or "item" not in c.facts
    ]
    race.judge("events", "versions")


@check("races.login-storm", "openapi", operations=["login"], needs=())
def login_storm(api: Api) -> None:
    """Many logins of one account at once all succeed, each with a session of its own."""
    race = Race(api)
    answers = race.run([asking("login", body=account(api))] * 8)
    access = {answer.must(200).json["tokens"]["accessToken"] for answer in answers}
    equal(len(access), 8, "number of different access tokens")
