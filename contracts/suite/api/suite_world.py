"""`World`, the target with its accounts, capabilities and log, as one process of the suite uses it."""

import contextlib
import random
import time
import zlib
from collections import Counter

from contracts.model.unpromised import UnpromisedError
from contracts.spec import Spec
from contracts.suite.api.capabilities import Capabilities
from contracts.suite.contract_violation import ContractViolation, Unchecked, Unreachable
from contracts.suite.world.accounts import Accounts
from contracts.suite.world.embedded_server import EmbeddedServer, ServerLog
from contracts.suite.world.suite_settings import Settings
from contracts.suite.world.target_client import TargetClient


class World:
    """The target as one process uses it. `close` archives the items of the run, or stops the embedded server. `histories` is the folder
    for race histories, or None."""

    def __init__(self, settings: Settings, spec: Spec, *, histories: str | None = None) -> None:
        self.histories = histories
        self._embedded = None if settings.host else EmbeddedServer(settings.seed, settings.embedded)
        host = self._embedded.url if self._embedded else settings.host
        self.server_log = ServerLog(self._embedded, settings.server_log)
        self.target = TargetClient(settings, spec, host, embedded=self._embedded is not None)
        self.accounts = Accounts(self.target)
        self.capabilities = Capabilities(self.target, self.accounts)
        # Titles must be new in a workspace that outlives the run, and reproducible in one that does not.
        self.nonce = f"{settings.seed}" if self._embedded else f"{time.time_ns() % 10**12:010x}"
        self._words: Counter[str] = Counter()
        self.stamps: dict[str, str] = {}
        """The last known stamp of sync for each account, where the target does not answer its present one."""

    def begin(self, name: str) -> None:
        """Start in a process that was just forked: others use the same target, and counts begin at zero."""
        self.target.begin()
        self.capabilities.be_alone(False)
        self.nonce += name

    def alone(self) -> None:
        """Continue as the only process that uses the target. New words are used, so that a repeated check does not find its old items."""
        self.capabilities.be_alone(True)
        self.target.unanswered.again()
        self.nonce += "a"

    def word(self, slug: str) -> str:
        """A unique word for titles and searches. It depends only on the check and its number of words so far."""
        self._words[slug] += 1
        return f"zq{self.nonce}x{zlib.crc32(slug.encode()):08x}{self._words[slug]:04d}"

    def rng(self, slug: str) -> random.Random:
        return random.Random(f"{self.target.settings.seed}:{slug}")

    def close(self) -> None:
        # An interrupted check may have left an unread answer on the connection.
        self.target.connection.close()
        if self._embedded is None:
            with contextlib.suppress(ContractViolation, Unchecked, Unreachable, KeyError, UnpromisedError):
                self._archive_all()
        self.target.connection.close()
        if self._embedded is not None:
            self._embedded.stop()

    def archive_large(self) -> None:
        """Archive the large items of a check that has ended: each list of the workspace would have many MiB for all checks after it."""
        large, self.target.recorder.large = self.target.recorder.large, {}
        for field in set(large.values()) if self._embedded is None else ():
            ids = [id for id, made_by in large.items() if made_by == field]
            with contextlib.suppress(ContractViolation, Unchecked, Unreachable, KeyError, UnpromisedError):
                self._archive(ids, field.partition(" ")[2])

    def _archive_all(self) -> None:
        """Archive all created items, 100 a request if the document has such requests; ids of the other workspace fail without harm."""
        ids = list(self.target.recorder.created)
        for role in ("owner", "stranger") if ids else ():
            if role == "stranger" and not self.capabilities.has("stranger"):
                continue
            session = self.accounts.login(role)
            for start in range(0, len(ids), 100):
                self._archive(ids[start : start + 100], session.access)
            self.target.call("logout", token=session.access)

    def _archive(self, ids: list[str], token: str) -> None:
        try:
            operations = [{"type": "archive", "id": i} for i in ids]
            self.target.call("bulkUpdateContent", body={"operations": operations}, token=token)
        except UnpromisedError:
            for i in ids:
                self.target.call("archiveContent", path={"id": i}, body={}, token=token)
