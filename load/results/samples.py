"""The samples file: every call of a run as a row, for the user's own tools (`--samples FILE.csv.gz` or `FILE.parquet`).

Times are nanoseconds of the coordinator's monotonic clock. Calls of the warm-up and of the clean-up are included; the order is that
of the workers' reports.
"""

import csv
import gzip
import importlib.util
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from contracts.command.atomic_file import replacing
from contracts.history import Call

COLUMNS = ("client", "operation", "due", "sent", "first_byte", "done", "latency", "status", "outcome")
TEXTS = frozenset({"client", "operation", "outcome"})
ENDINGS = (".csv.gz", ".parquet")
BATCH = 50_000
"""Rows per group of Parquet, which are held in memory together."""


def refusal(path: Path) -> str:
    """Why samples cannot be written to a path; empty if they can."""
    if not path.name.endswith(ENDINGS):
        return f"--samples {path}: its name has to end with {' or '.join(ENDINGS)}"
    if path.suffix == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        return "--samples FILE.parquet needs the extra: pip install 'tchat-harness[parquet]'"
    return ""


def write(path: Path, calls: Iterable[Call]) -> None:
    rows = ([getattr(call, name) for name in COLUMNS] for call in calls)
    with replacing(path) as file:
        (_parquet if path.suffix == ".parquet" else _csv)(file, rows)


def _csv(file: IO[bytes], rows: Iterator[list[Any]]) -> None:
    with (
        gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as text,
    ):
        made = csv.writer(text)
        made.writerow(COLUMNS)
        made.writerows(rows)


def _parquet(file: IO[bytes], rows: Iterator[list[Any]]) -> None:
    arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    schema = arrow.schema([(name, arrow.string() if name in TEXTS else arrow.int64()) for name in COLUMNS])
    with parquet.ParquetWriter(file, schema) as made:
        while batch := list(islice(rows, BATCH)):
            columns = [
                arrow.array(column, field.type)
                for column, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            made.write_table(arrow.table(columns, schema))
