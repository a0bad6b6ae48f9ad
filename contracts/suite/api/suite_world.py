"""Everything that one process holds while it runs checks: the target, its accounts, what it can do, its log, and names of its own."""

import contextlib
import random
import time
import zlib
from collections import Counter

from contracts.model.unpromised import UnpromisedError
from contracts.spec import Spec
from contracts.suite.api.capabilities import Capabilities
from contracts.suite.contract_violation import ContractViolation, Unreachable
from contracts.suite.world.accounts import Accounts
from contracts.suite.world.embedded_server import EmbeddedServer, ServerLog
from contracts.suite.world.suite_settings import Settings
from contracts.suite.world.target_client import TargetClient


class World:
    """All that one process of the suite holds while checks run. Made once a process; `close` archives what was made and ends the
    embedded server. `histories` is the folder where those of races are kept, or None."""

    def __init__(
        self,
        settings: Settings,
        spec: Spec,
        *,
        histories: str | None = None,
    ) -> None:
        self.histories = histories
        self._embedded = None if settings.host else EmbeddedServer(settings.seed, settings.embedded)
        host = self._embedded.url if self._embedded else settings.host
        self.server_log = ServerLog(self._embedded, settings.server_log)
        self.target = TargetClient(settings, spec, host, embedded=self._embedded is not None)
        self.accounts = Accounts(self.target)
        self.capabilities = Capabilities(self.target, self.accounts)
        # Names must be new in a workspace that outlives the run, and the same again in one that does not.
        self.nonce = f"{settings.seed}" if self._embedded else f"{time.time_ns() % 10**12:x}"
        self._words: Counter[str] = Counter()

    def begin(self, name: str) -> None:
        """In a process that was forked off: others use the same target, and what was counted before counts elsewhere."""
        self.target.begin()
        self.capabilities.be_alone(False)
        self.nonce += name

    def alone(self) -> None:
        """From here on no other process uses the target. A check that runs again must not find what it made before."""
        self.capabilities.be_alone(True)
        self.nonce += "a"

    def word(self, slug: str) -> str:
        """A word that stands in nothing else, for titles and searches; the same whatever other checks ran before."""
        self._words[slug] += 1
        return f"zq{self.nonce}x{zlib.crc32(slug.encode()):08x}{self._words[slug]:04d}"

    def rng(self, slug: str) -> random.Random:
        return random.Random(f"{self.target.settings.seed}:{slug}")

    def close(self) -> None:
        # A check that was broken off may have left an answer on its way, which is not that to the next request.
        self.target.connection.close()
        if self._embedded is None:
            with contextlib.suppress(ContractViolation, Unreachable, KeyError, UnpromisedError):
                self._archive_all()
        self.target.connection.close()
        if self._embedded is not None:
            self._embedded.stop()

    def _archive_all(self) -> None:
        """Everything created is archived again, each in its own workspace, 100 a request where the document has such requests."""
        for role in ("owner", "stranger"):
            ids = [i for i in self.target.recorder.created if role == "owner" or self._has_stranger()]
            if not ids or (role == "stranger" and not self._has_stranger()):
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

    def _has_stranger(self) -> bool:
        return self.capabilities.has("stranger")
