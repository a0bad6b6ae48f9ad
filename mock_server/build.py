"""The construction of a server from its options, in which all parts are connected."""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.dialect import Dialect, dialect_of
from contracts.dialect.channel_place import channel_place
from contracts.dialect.document_needs import promises
from contracts.dialect.schema_members import response_members
from contracts.dialect.serving import ServingDialect
from contracts.dialect.token_lives import token_lives
from contracts.spec import Spec, canonical, channel, load
from mock_server.application import Application, handlers_of
from mock_server.auth.authentication import Authenticator
from mock_server.auth.authorization_codes import CodeStore
from mock_server.auth.passwords import PasswordHasher
from mock_server.auth.rate_limiter import RateLimiter, RatePolicy
from mock_server.auth.tokens import TokenSigner
from mock_server.clock import Clock
from mock_server.content_service import ContentService
from mock_server.control.control_application import ControlApplication
from mock_server.control.control_handlers import ControlHandlers
from mock_server.control.journal import Journal
from mock_server.control.world_state import WorldState
from mock_server.faults.active_faults import ActiveFaults
from mock_server.faults.delivery import Planning
from mock_server.handlers.content_reading import ContentReadHandlers
from mock_server.handlers.content_writing import ContentWriteHandlers
from mock_server.handlers.oauth_handlers import OAuthHandlers
from mock_server.handlers.session_handlers import SessionHandlers
from mock_server.http.cors import Cors
from mock_server.http.example_application import ExampleApplication
from mock_server.http.foreign_document import AnsweringApplication, TranslatedApplication
from mock_server.http.gzip_coding import Gzip
from mock_server.realtime.adapter import SocketAdapter
from mock_server.realtime.frames import ServerFrames
from mock_server.realtime.handshake import Handshake
from mock_server.realtime.hub import Hub
from mock_server.seed.world import seed_database
from mock_server.servers.per_turn_refresh import PerTurnRefresh
from mock_server.store.categories import CategoryStore
from mock_server.store.changes import ChangeLog
from mock_server.store.documents import Documents
from mock_server.store.ids import IdMaker
from mock_server.store.items import ItemStore
from mock_server.store.lists.counts import ItemCounts
from mock_server.store.lists.listing import SqlLists
from mock_server.store.lists.pages import Pages
from mock_server.store.session_store import Lifetimes, SessionStore
from mock_server.store.sqlite.database import Database
from mock_server.store.sync import MOST, SyncStore
from mock_server.store.versions import VersionStore
from mock_server.store.workspaces import Stamps

DEV_ORIGINS = ("http://localhost:3000", "http://localhost:5173")
"""The default origins of a web client under development; `--cors-origin` replaces them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The options of the command line; each field is an option of the same name."""

    db: str = ":memory:"
    seed: int = 1
    items: int = 200
    check_answers: bool = False
    faults: tuple[str, ...] = ()
    mark_faults: bool = False
    control: bool = False
    rate_limit: float = 0.0
    cors_origins: tuple[str, ...] = DEV_ORIGINS
    password_cost: int = 6
    gzip: bool = False
    key: bytes | None = None
    """The key that signs tokens; None derives it from the seed."""
    lifetimes: Lifetimes | None = None
    """The lifetimes of tokens; None takes those of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The parts of a server, for `servers.asgi` and tests."""

    application: Application
    control: ControlApplication | None
    sockets: SocketAdapter
    hub: Hub
    database: Database
    clock: Clock
    faults: ActiveFaults
    world: WorldState
    front: AnsweringApplication
    """The application that answers the network: `application`, or its translation if the user names another document."""


def secret(seed: int) -> bytes:
    """The signing key derived from the seed, so that a run can be repeated byte for byte. It is used on loopback only (see `key`)."""
    return hashlib.sha256(f"tchat-reference/{seed}".encode()).digest()


def build(options: ServerOptions, *, clock: Clock | None = None, spec: Spec | None = None) -> Server:
    """A server that is ready to answer. Raises DatabaseError or SpecError."""
    outside = spec or load()
    dialect = dialect_of(outside) if spec is None else None
    # Another document is served by a translation around our contract.
    spec = outside if dialect is None else canonical()
    clock = clock or Clock()
    hasher = PasswordHasher(options.password_cost)
    database, seed = _open_database(options, hasher)
    faults = ActiveFaults(seed=seed, operations=[one.id for one in spec.endpoints], mark=options.mark_faults)
    signer, ids = TokenSigner(options.key or secret(seed)), IdMaker(seed)
    sessions = SessionStore(database, clock, options.lifetimes or lifetimes(outside))
    authenticator = Authenticator(signer, sessions, clock)
    reading, writing = _content(database, clock, ids, _sync_window(dialect))
    accounts = SessionHandlers(database, sessions, signer, hasher)
    oauth = OAuthHandlers(database, CodeStore(database, clock), sessions, accounts, signer, authenticator)
    limiter = RateLimiter(clock, RatePolicy.of(options.rate_limit))
    journal = Journal(clock, keep=options.control)
    parts: dict[str, Any] = {
        "locators": {"id": reading.locate_item, "category": reading.locate_category},
        "journal": journal,
        "before": database.notice_commits if database.in_memory else PerTurnRefresh(database.notice_commits),
        "authenticator": authenticator,
        "limiter": limiter,
        "cors": Cors(options.cors_origins),
        "gzip": Gzip() if options.gzip else None,
    }
    handlers = handlers_of(spec, reading, writing, accounts, oauth)
    application = Application(spec, handlers=handlers, check_answers=options.check_answers, **parts)
    log = ChangeLog(database)
    hub = Hub(log, sessions, clock, ServerFrames())
    sockets = _sockets(outside, authenticator, options.cors_origins, hub, clock)
    faults.attach(application, sockets, database, clock, SqlLists(database), Planning())
    faults.set(options.faults)
    world = WorldState(
        database, clock, hub, hasher, seed=seed, items=options.items,
        reseeded=(
            lambda seed: signer.reseed(options.key or secret(seed)), ids.reseed, lambda seed: journal.clear(), faults.reseed,
        ),
    )  # fmt: skip
    control = None
    if options.control:
        steps = ControlHandlers(
            world,
            clock,
            hub,
            sessions,
            journal,
            fault_names=lambda: faults.selection.texts,
            set_faults=faults.set,
        )
        control = ControlApplication(steps, steps.locators(), Journal(clock, keep=False))
    return Server(
        application=application, control=control, sockets=sockets, hub=hub, database=database, clock=clock, faults=faults,
        world=world,
        front=application if spec is outside or dialect is None else _translated(application, dialect, parts),
    )  # fmt: skip


def _sockets(
    outside: Spec, authenticator: Authenticator, origins: tuple[str, ...], hub: Hub, clock: Clock
) -> SocketAdapter:
    place = channel_place(outside)
    handshake = Handshake(authenticator, origins, place)
    return SocketAdapter(channel.load(), place.paths(outside.prefixes), handshake, hub, clock)


def _translated(
    application: Application, dialect: Dialect, parts: Mapping[str, Any]
) -> TranslatedApplication:
    serving = ServingDialect(dialect)
    ours = dialect.ours.operations
    opened = [one.id for one in dialect.theirs if one.public and one.id in ours and ours[one.id].security]
    if opened:
        reason = "401 without a token, although the document says that none is needed: it does not say for whom they answer"
        print(f"mock_server: {', '.join(opened)}: {reason}", file=sys.stderr, flush=True)
    return TranslatedApplication(application, ExampleApplication(serving, **parts), serving)


def lifetimes(outside: Spec) -> Lifetimes:
    """The lifetimes of tokens by the document, or by ours if it does not state them."""
    lives = token_lives(outside)
    if not lives.rotates:
        reason = "a refresh without rotation is served by a grace without end: the same pair comes again until its access token ends"
        print(f"mock_server: {reason}", file=sys.stderr, flush=True)
    strict = promises(outside, "single use") and not promises(outside, "refresh rules")
    grace = (0 if strict else lives.grace) if lives.rotates else lives.session
    return Lifetimes(access=lives.access, refresh_idle=lives.refresh, session=lives.session, grace=grace)


def _open_database(options: ServerOptions, hasher: PasswordHasher) -> tuple[Database, int]:
    """The database, filled from the seed if it is new, and the seed that its data was made from."""
    database = Database(options.db)
    wanted = "SELECT value FROM meta WHERE key = 'seed'"
    row = database.one(wanted)
    if row is None:  # a new file, or one whose filling was interrupted: that is one transaction
        seed_database(database, seed=options.seed, count=options.items, hasher=hasher)
        row = database.one(wanted)
    assert row is not None
    return database, int(row[0])


def _sync_window(dialect: Dialect | None) -> int:
    """The most entries of a synchronisation; no limit by a document that has no word for more of them."""
    operation = None if dialect is None else dialect.theirs.operations.get("syncContent")
    if dialect is None or operation is None:
        return MOST
    told = response_members(dialect.theirs, operation, operation.success.status)
    names = {dialect.members.get(name, name) for each in (told, told.of("data")) for name in each.named}
    return MOST if "hasMore" in names else sys.maxsize - 1


def _content(
    database: Database, clock: Clock, ids: IdMaker, window: int
) -> tuple[ContentReadHandlers, ContentWriteHandlers]:
    documents, counts, stamps = Documents(database), ItemCounts(database), Stamps(database)
    items = ItemStore(database, documents, counts, stamps, clock)
    categories, versions = CategoryStore(database), VersionStore(database)
    pages = Pages(database, documents, counts, stamps)
    reading = ContentReadHandlers(items, pages, categories, versions, SyncStore(database, stamps, window))
    return reading, ContentWriteHandlers(
        database, clock, items, ContentService(items, categories, versions, ids)
    )
