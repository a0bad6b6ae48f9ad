"""Speed and weather: answers that are late, missing or torn, on the real clock. Times are in milliseconds."""

from __future__ import annotations

from functools import partial

from mock_server.faults.families import entry
from mock_server.faults.fault import Given

_rule = partial(entry.rule, "weather")

WEATHER = (
    _rule("latency", "F12", "Every answer is late.", "objective", given={"ms": 250}, delay_ms=Given("ms")),
    _rule("latency-jitter", "F12", "Answers are late by something up to `ms`.", "objective", given={"ms": 500},
          jitter_ms=Given("ms")),
    _rule("latency-tail", "F12", "One answer in a hundred (see rate) is very late; the mean hides it.",
          "objective", rate=0.01, given={"ms": 1000}, tail_ms=Given("ms")),
    _rule("latency-cold", "F12", "The first answers are late.", "objective", given={"ms": 500, "requests": 50},
          cold_ms=Given("ms"), cold_requests=Given("requests")),
    _rule("latency-growth", "F12", "Each answer is a little later than the one before.", "objective",
          given={"us": 100, "most": 2000}, growth_us=Given("us"), growth_most_ms=Given("most")),
    _rule("latency-writes", "F12", "Writes are late.", "objective", given={"ms": 400},
          write_delay_ms=Given("ms")),
    _rule("latency-by-size", "F12", "Large answers are late, by `us` for every 100 bytes.", "objective",
          given={"us": 5000}, size_delay_us=Given("us")),
    _rule("stall", "F12", "At each Nth request the whole process stands still.", "objective",
          given={"ms": 1000, "every": 500}, stall_ms=Given("ms"), stall_every=Given("every")),
    _rule("outage", "openapi", "Bursts of 503: the last `length` of each `every` requests.",
          "objective", given={"every": 200, "length": 20}, outage_every=Given("every"),
          outage_length=Given("length")),
    _rule("outage-without-retry-after", "RFC 9110 15.6.4", "Bursts of 503 without Retry-After.",
          "objective shape.answers", given={"every": 200, "length": 20}, outage_every=Given("every"),
          outage_length=Given("length"), outage_retry_after=False),
    _rule("error-500", "openapi", "Some requests end in 500 and are not applied.", "objective shape.no-server-errors",
          rate=0.02, fails_before=True),
    _rule("error-500-after", "openapi", "Some requests are applied and end in 500.",
          "objective shape.no-server-errors", rate=0.02, fails_after=True),
    _rule("error-429", "R32", "Some requests are 429 though nothing was exceeded.", "objective", rate=0.05,
          refuses=True),
    _rule("reset-before", "S:499", "Some connections are reset before the request is applied.", "objective",
          rate=0.02, resets_before=True),
    _rule("reset-after", "CF-3", "Some connections are reset after the request is applied, so retries duplicate.",
          "objective", rate=0.02, resets_after=True),
    _rule("body-cut", "RFC 9110 8.6", "Some bodies end half-way.", "objective", rate=0.02,
          cuts_body=True),
    _rule("body-slow", "F12", "Bodies trickle.", "objective", given={"bytes_per_second": 4000},
          body_bytes_per_second=Given("bytes_per_second")),
    _rule("body-late", "F12", "The body comes long after the head.", "objective", given={"ms": 500},
          first_byte_ms=Given("ms")),
)  # fmt: skip
