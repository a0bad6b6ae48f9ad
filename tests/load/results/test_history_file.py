"""The history on disk: nothing lost, and a prefix for the checkers that no effect reaches into from outside."""

from pathlib import Path

from contracts.history import Call, Outcome, encode, read
from load.results.history_file import HistoryFile


def call(sent: int, done: int | None) -> Call:
    outcome = Outcome.INFO if done is None else Outcome.OK
    return Call(client="c", operation="o", due=sent, sent=sent, done=done, outcome=outcome)


def history_file(*calls: Call) -> HistoryFile:
    made = HistoryFile()
    made.add(b"")
    for found in calls:
        made.add(encode(found))
    return made


def test_a_short_history_is_whole() -> None:
    made = history_file(call(0, 5), call(3, None))
    assert made.closed() == ((call(0, 5), call(3, None)), True)
    made.close()


def test_a_prefix_keeps_what_had_begun_before_its_end() -> None:
    first = (call(0, 5), call(1, 9))
    made = history_file(*first, call(4, 12), call(8, None), call(10, 14))
    calls, whole = made.closed(limit=sum(len(encode(one)) + 1 for one in first))
    assert [found.sent for found in calls] == [0, 1, 4, 8]
    assert not whole
    made.close()


def test_it_can_be_saved_and_read(tmp_path: Path) -> None:
    made = history_file(call(0, 5), call(3, 7))
    made.save(tmp_path / "new" / "history.ndjson")
    assert list(read((tmp_path / "new" / "history.ndjson").read_bytes().splitlines())) == [
        call(0, 5),
        call(3, 7),
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["history.ndjson"]
    made.close()
