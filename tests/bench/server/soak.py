"""A million mixed requests: does the server keep growing?"""

import random
import time

from tests.bench.programs.installed import find
from tests.bench.programs.reference_server import ours
from tests.bench.programs.wrk import Report, write, wrk
from tests.bench.result import Limit, Result, Row
from tests.bench.rounds import GOOD
from tests.bench.server.request_mix import MIX, mixed
from tests.bench.setting import Setting

FIRST, WHOLE = 100_000, 1_000_000
GROWTH = 1.10
SECONDS = 170.0
"""How long it may take; a slower machine sends fewer requests and says so."""
SLICE = 5
"""Seconds of one run of wrk; then the requests are made anew, from what the server holds by then."""
RECORDS = 8_000


def soak(setting: Setting) -> Result:
    """Resident memory after 1,000,000 mixed requests over that after the first 100,000."""
    find("wrk")
    first, whole, seconds = (5_000, 20_000, 1) if setting.quick else (FIRST, WHOLE, SLICE)
    file, sum_, early = setting.folder / "soak.requests", Report(), 0
    began = time.perf_counter()
    with ours(setting, "--db", str(setting.folder / "world.db")) as server:
        before = server.child.resident()
        while sum_.requests < whole and time.perf_counter() - began < SECONDS:
            write(file, mixed(server, random.Random(sum_.requests), RECORDS, seconds))
            sum_ += wrk(setting, server.child, file, seconds=seconds)
            setting.say(f"soak: {sum_.requests:,} of {whole:,}, {server.child.resident() / 2**20:.0f} MiB")
            if not early and sum_.requests >= first:
                early, at = server.child.resident(), sum_.requests
        after = server.child.resident()
    limit = Limit("at most", GROWTH, f"after {first:,}")
    what = f"resident after {whole:,} requests"
    if sum_.requests < whole or sum_.success < GOOD:
        told = f"only {sum_.requests:,} requests in {time.perf_counter() - began:.0f} s, {sum_.success:.2%} of them answered 2xx or 3xx"
        told += f"; {after / early:.3f} x so far" if early else ""
        rows = [Row(what, None, "MiB", limit=limit, note=told)]
    else:
        note = f"{early / 2**20:.1f} MiB after {at:,}, {before / 2**20:.1f} MiB at the start"
        rows = [Row(what, after / 2**20, "MiB", after / early, limit, None, note)]
    rows.append(
        Row("mixed requests", sum_.rate, "requests/s", note=f"{sum_.success:.2%} answered 2xx or 3xx")
    )
    told = ", ".join(f"{name} {share} %" for name, share in MIX.items())
    return Result("Soak", f"One worker with `--db FILE` and 10,000 items; {told}.", rows)
