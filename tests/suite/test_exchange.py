"""Curl lines replay and tell no secret; a failure names what was expected."""

import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.command.redaction import EDGE, forms
from contracts.dialect import dialect_of
from contracts.model.unpromised import UnpromisedError
from contracts.schema import violations
from contracts.spec import load
from contracts.spec.document import own_path
from contracts.suite.client.curl_sequence import curl_lines
from contracts.suite.client.http_exchange import Exchange, HttpAnswer, HttpRequest, curl
from contracts.suite.client.known_secrets import INSPECTED, Secrets
from contracts.suite.contract_violation import ContractViolation, equal
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import Recorder
from contracts.suite.plugin.options import repeated
from contracts.suite.world.suite_settings import settings
from tests.suite.foreign.foreign_document import document

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw"


def _request(**more: object) -> HttpRequest:
    parts: dict[str, object] = {
        "method": "POST",
        "url": "http://h/api/x",
        "headers": {"Authorization": f"Bearer {TOKEN}"},
    }
    return HttpRequest(**{**parts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(_request(), id="header"),
        pytest.param(_request(url=f"http://h/api/ws?token={TOKEN}", method="GET", headers={}), id="query"),
        pytest.param(_request(body=f'{{"type":"{TOKEN}"}}'.encode()), id="body"),
        pytest.param(_request(headers={"authorization": f"bearer   {TOKEN}x"}), id="changed-token"),
        pytest.param(_request(headers={}, body=b'{"email":"a@b.c","password":"pa\\"ss"}'), id="password"),
    ],
)
def test_a_curl_line_tells_no_secret(request_: HttpRequest) -> None:
    secrets = Secrets()
    secrets.learn(TOKEN, "TOKEN")
    secrets.learn_password('pa"ss')
    line = curl(request_, secrets)
    assert TOKEN[:40] not in line and 'pa\\"ss' not in line
    assert "$TOKEN" in line or "$PASSWORD" in line


@pytest.mark.parametrize("before", [0, 50, INSPECTED - 300, INSPECTED - 3, INSPECTED * 2])
def test_no_part_of_a_secret_is_shown_of_a_long_body(before: int) -> None:
    secrets = Secrets()
    secrets.learn(TOKEN, "TOKEN")
    shown = secrets.hide_bytes(b"-" * before + f"{TOKEN} ".encode() * 2000)
    assert "eyJ" not in shown and TOKEN[-10:] not in shown and len(shown) <= INSPECTED
    assert shown.startswith("-" * 600) or before < INSPECTED // 2  # of nothing but secrets nothing is left
    line = curl(_request(body=b"-" * before + f"{TOKEN} ".encode() * 2000), secrets)
    assert TOKEN[-10:] not in line and "bytes)" in line and len(line) < 1500


def _exchange(request_: HttpRequest, answer: object, status: int = 201) -> Exchange:
    return Exchange(
        operation="", request=request_, status=status, headers={}, body=json.dumps(answer).encode(), sent=0, done=1
    )  # fmt: skip


def test_pasted_curl_lines_pass_on_the_ids_of_the_server(tmp_path: Path) -> None:
    """The lines are run by a shell with a curl that prints what a second run of the server would answer."""
    post = _request(body=b'{"title":"it\'s"}')
    made = {"data": {"categoryId": "c-of-no-use", "id": "item-aaaaaa", "title": "x"}}
    listed = {"data": [{"id": "item-aaaaaa-v2"}, {"id": "other-v1"}]}
    again = _request(
        url="http://h/api/x/item-aaaaaa/revert", body=b'{"versionId":"other-v1","at":"item-aaaaaa"}'
    )
    lines = curl_lines(
        [
            _exchange(post, made),
            _exchange(
                _request(method="GET", url="http://h/api/x/item-aaaaaa/versions?token=" + TOKEN), listed, 200
            ),
            _exchange(again, {}, 200),
        ],
        Secrets(),
    )
    second = [
        {"data": {"categoryId": "c-of-no-use", "id": "item-bbbbbb", "title": "x"}},
        {"data": [{"id": "item-bbbbbb-v2"}, {"id": "another-v1"}]},
    ]
    stand_in = (
        f'curl() {{ echo "$@" >>{tmp_path}/told; '
        f"sed -n $(wc -l <{tmp_path}/told)p {tmp_path}/answers; }}; TOKEN=tok\n"
    )
    (tmp_path / "answers").write_text("".join(json.dumps(one) + "\n" for one in second))
    subprocess.run(["sh", "-c", stand_in + "\n".join(lines)], check=True)
    told = (tmp_path / "told").read_text().splitlines()
    assert "http://h/api/x/item-bbbbbb/versions?token=tok" in told[1]
    assert "/item-bbbbbb/revert" in told[2] and '{"versionId":"another-v1","at":"item-bbbbbb"}' in told[2]
    assert lines[2].startswith("curl -sS -i ") and "item-aaaaaa" not in "".join(lines)


def test_curl_lines_of_independent_requests_are_as_they_were() -> None:
    one, other = _request(body=b"{}"), _request(url="http://h/api/x/item-aaaaaa", method="GET")
    plain = [curl(request_, Secrets()) for request_ in (other, one, other)]
    kept = [_exchange(request_, {"id": "item-aaaaaa"}) for request_ in (other, one, other)]
    assert curl_lines(kept, Secrets()) == plain


ODD = "pä\"ss'w<rd>&\\x\nZ"
OPAQUE = "opq/A9+x~Zz.9=_-0123456789abcdef"


@pytest.mark.parametrize("secret", [ODD, OPAQUE, TOKEN], ids=["password", "opaque", "JWT"])
def test_no_text_of_a_failure_tells_a_secret_in_any_form(secret: str) -> None:
    secrets = Secrets()
    secrets.learn(secret, "TOKEN")
    for form in forms(secret):
        for before, after in (("a ", " b"), ("", ""), ('{"a":"', '"}')):
            assert form not in secrets.hide(before + form + after)
    for form in (secret, repr(secret.encode())):
        for end in range(EDGE, len(form)):
            left = secrets.hide(f"got {form[:end]} …").partition("got ")[2]
            assert len(left.removeprefix("b'").removesuffix(" …")) < EDGE or left.startswith(("$", "b'$")), (
                left
            )


ISSUING: dict[str, tuple[object, dict[str, str], set[str]]] = {
    "as the guide": ({"tokens": {"accessToken": OPAQUE, "refreshToken": ODD}}, {}, {OPAQUE, ODD}),
    "other names": (
        {"data": [{"access_token": OPAQUE, "token_type": "Bearer"}], "refresh_token": ODD},
        {},
        {OPAQUE, ODD},
    ),
    "cookies": ({"id": ODD}, {"Set-Cookie": f"a=b, session={OPAQUE}; Path=/, x={TOKEN}"}, {OPAQUE, TOKEN}),
}


@pytest.mark.parametrize(("body", "headers", "secret"), ISSUING.values(), ids=ISSUING)
def test_what_a_login_issues_is_a_secret(body: object, headers: dict[str, str], secret: set[str]) -> None:
    recorder = Recorder(load(), AnswerJudge(load(), ("/api",)))
    made = {"operation": "login", "request": _request(), "status": 200, "sent": 0, "done": 1}
    recorder.record(Exchange(headers=headers, body=json.dumps(body).encode(), **made))  # type: ignore[arg-type]
    shown = (OPAQUE, TOKEN, ODD, "Bearer")
    assert {each for each in shown if recorder.secrets.hide(f"a {each} b") != f"a {each} b"} == secret


def test_processes_of_one_run_hide_each_others_tokens() -> None:
    """A target may show one session what belongs to another."""
    secrets, context = Secrets(), multiprocessing.get_context("fork")
    secrets.share()

    def work(number: int) -> None:
        secrets.learn(f"{OPAQUE}{number}", "TOKEN")

    for number in (1, 2):
        child = context.Process(target=work, args=(number,))
        child.start()
        child.join()
    secrets.learn(f"{OPAQUE}3", "TOKEN")
    assert secrets.hide(f"{OPAQUE}1 {OPAQUE}2 {OPAQUE}3") == "$ANOTHER_TOKEN $ANOTHER_TOKEN $TOKEN"


def test_each_token_keeps_its_name() -> None:
    secrets = Secrets()
    for token in ("a" * 30, "b" * 30, "a" * 30):
        secrets.learn(token, "TOKEN")
    assert [secrets.name("a" * 30), secrets.name("b" * 30)] == ["$TOKEN", "$TOKEN_2"]


def _answer(status: int, body: bytes) -> HttpAnswer:
    return HttpAnswer(
        Exchange(operation="x", request=_request(), status=status, headers={}, body=body, sent=0, done=1)
    )


def test_an_answer_that_lacks_what_a_law_reads_is_a_breach() -> None:
    with pytest.raises(ContractViolation, match="a body with /data/items"):
        _answer(200, b'{"data":{}}').member("data", "items")
    with pytest.raises(ContractViolation, match="a JSON body"):
        _ = _answer(200, b"<html>").json
    with pytest.raises(
        ContractViolation, match="expected 409 VERSION_CONFLICT of x; got 400 VALIDATION_FAILED"
    ):
        _answer(400, b'{"code":"VALIDATION_FAILED"}').must(409, "VERSION_CONFLICT")


LONG = {"title": "x" * 80, "tags": ["a", "b"], "version": 1}


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        pytest.param({"a": 1}, {"a": 2}, 'it = {"a": 2}; got {"a": 1}', id="short: whole"),
        pytest.param({**LONG, "version": 2}, LONG, "it at /version = 1; got 2", id="one member"),
        pytest.param({**LONG, "tags": ["a", "c"]}, LONG, "it at /tags/1 = b; got c", id="deep"),
        pytest.param(
            {**LONG, "version": 2, "tags": []},
            LONG,
            'it where it differs = {"tags": ["a", "b"], "version": 1}; got {"tags": [], "version": 2}',
            id="two members",
        ),
        pytest.param({**LONG, "new": 1}, LONG, 'it where it differs = {}; got {"new": 1}', id="one too many"),
        pytest.param(["x" * 90, 1], ["x" * 90], "it from element 1 on = []; got [1]", id="a longer list"),
        pytest.param([1, 2], ["x" * 90], f'it = ["{"x" * 90}"]; got [1, 2]', id="nothing alike"),
        pytest.param(None, LONG, "got null", id="nothing"),
    ],
)
def test_of_long_values_only_what_differs_is_told(got: object, expected: object, told: str) -> None:
    with pytest.raises(ContractViolation, match=re.escape(told)):
        equal(got, expected, "it")


def test_what_the_document_does_not_promise_is_no_breach(tmp_path: Path) -> None:
    theirs = document()
    for path in theirs["paths"].values():
        for operation in path.values():
            operation["responses"] |= {
                status: {"description": ""} for status in operation["responses"] if status >= "400"
            }
    (tmp_path / "theirs.json").write_text(json.dumps(theirs))
    spec = load(tmp_path / "theirs.json")
    update, dialect = spec["updateContentItem"], dialect_of(spec)

    def answer(status: int, body: bytes, refusable: str) -> HttpAnswer:
        made = Exchange(
            operation=update.id, request=_request(), status=status, headers={}, body=body, sent=0, done=1
        )
        return HttpAnswer(made, dialect, refusable=lambda _: refusable)

    with pytest.raises(UnpromisedError):
        answer(409, b'{"detail":"no"}', "").must(409, "VERSION_CONFLICT").member("details", "currentVersion")
    with pytest.raises(UnpromisedError):
        answer(200, b"{}", "").must(400)
    with pytest.raises(ContractViolation, match="422"):
        answer(200, b"{}", " refusable").must(400)
    assert not violations(spec, update, 409, {}, b"text")


@pytest.mark.parametrize("place", ["header", "query", "body"])
@pytest.mark.parametrize("around", ["", "plain ", 'say "no" ', "it's ", "$HOME `date` ", "back\\slash !! "])
def test_a_shell_puts_the_values_of_secrets_into_a_curl_line(place: str, around: str) -> None:
    """In single quotes `$TOKEN` would be sent as these six characters, and the pasted line answered with 401."""
    secrets = Secrets()
    secrets.learn(TOKEN, "TOKEN")
    secrets.learn(TOKEN[::-1], "TOKEN")
    text = f"{around}{TOKEN} {TOKEN[::-1]}{around}"
    request = {
        "header": _request(headers={"X-Any": text}),
        "query": _request(url=f"http://h/{text}", headers={}),
        "body": _request(body=text.encode(), headers={}),
    }[place]
    line = curl(request, secrets)
    assert TOKEN not in line
    script = f"curl() {{ printf '%s\\n' \"${{@: -1}}\"; }}; {line}"
    values = {"TOKEN": TOKEN, "TOKEN_2": TOKEN[::-1], "HOME": "/nowhere"}
    done = subprocess.run(["bash", "-c", script], env=values, capture_output=True, text=True, check=True)
    assert done.stdout == {"header": "X-Any: ", "query": "http://h/", "body": ""}[place] + text + "\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({}, "", id="the embedded server"),
        pytest.param({"--embedded": "--fault latency"}, " --embedded '--fault latency'", id="one that is told something"),
        pytest.param({"--target": "http://127.0.0.1:1"}, " --target http://127.0.0.1:1", id="a target"),
        pytest.param({"--target": "http://127.0.0.1:1/v2"}, " --target http://127.0.0.1:1/v2", id="its path"),
        pytest.param(
            {"--target": "http://127.0.0.1:1", "--base-path": "/v2"}, " --target http://127.0.0.1:1/v2", id="its base path"
        ),
        pytest.param(
            {"--viewer": "a@b:hush", "--password": "hush"}, ' --viewer "a@b:$PASSWORD" --password "$PASSWORD"', id="passwords"
        ),
        pytest.param({"--level": "guide", "--budget": "9s", "--concurrency": "2"}, " --level guide", id="no limits"),
        pytest.param(
            {"--spec": "a b.yaml", "--overlay": ["x", "y"], "--insecure": True},
            " --spec 'a b.yaml' --overlay x --overlay y --insecure", id="a document",
        ),
        pytest.param({"--effort": "3"}, " --effort 3", id="effort"),
    ],
)  # fmt: skip
def test_a_check_is_run_again_with_what_the_user_said(given: dict[str, Any], told: str) -> None:
    config: Any = SimpleNamespace(getoption=given.get)
    named = {name.removeprefix("--"): value for name, value in given.items()}
    assert repeated(config, settings(named, {}, seed=7)) == f"--seed 7{told}"


def test_a_check_is_run_again_with_what_the_gate_hands_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, overlay = tmp_path / "a b.yaml", tmp_path / "overlay.yaml"
    shutil.copy(own_path(), spec)
    overlay.write_text("{overlay: 1.0.0, info: {title: t, version: '1'}, actions: []}")
    monkeypatch.setenv("TCHAT_SPEC", str(spec))
    monkeypatch.setenv("TCHAT_OVERLAY", f"{overlay}{os.pathsep}{overlay}")
    monkeypatch.setenv("TCHAT_CACERT", "/ca.pem")
    monkeypatch.setenv("TCHAT_INSECURE", "1")
    monkeypatch.setenv("TCHAT_EMAIL", "own er@b")
    monkeypatch.setenv("TCHAT_PASSWORD", "hush")
    monkeypatch.setenv("TCHAT_VIEWER", "c@d:hush")
    monkeypatch.setenv("TCHAT_ORIGIN", "https://app.example")
    monkeypatch.setenv("TCHAT_REQUEST_TIMEOUT", "15")
    config: Any = SimpleNamespace(getoption={}.get)
    account = (
        '--email \'own er@b\' --viewer "c@d:$PASSWORD" --origin https://app.example --password "$PASSWORD"'
    )
    told = f"--seed 7 {account} --spec '{spec}' --overlay {overlay} --overlay {overlay} --cacert /ca.pem --insecure"
    assert repeated(config, settings({}, {}, seed=7)) == told


def test_threads_learn_and_hide_secrets_at_once() -> None:
    secrets, failures = Secrets(), []
    before = sys.getswitchinterval()

    def work(number: int) -> None:
        try:
            for turn in range(300):
                secrets.learn(f"secret-{number}-{turn}", "ACCESS")
                assert f"secret-{number}-{turn}" not in secrets.word(f"a secret-{number}-{turn}")
        except BaseException as error:
            failures.append(error)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert failures == []
    names = [secrets.name(f"secret-{number}-{turn}") for number in range(4) for turn in range(300)]
    assert len(set(names)) == len(names)
