"""Puts a server together from its options: the one place where the parts meet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from contracts.spec import Spec, load
from mock_server.authentication import Authenticator
from mock_server.clock import Clock
from mock_server.cors import Cors
from mock_server.editor import Editor
from mock_server.handlers.reading import Reading
from mock_server.handlers.sessions import Sessions
from mock_server.handlers.writing import Writing
from mock_server.identity import IdMaker
from mock_server.limits import RateLimiter
from mock_server.passwords import PasswordHasher
from mock_server.server import Application, Handler
from mock_server.store.categories import CategoryStore
from mock_server.store.database import Database
from mock_server.store.items import ItemStore
from mock_server.store.sessions import Lifetimes, SessionStore
from mock_server.store.sync import SyncStore
from mock_server.store.versions import VersionStore
from mock_server.tokens import TokenSigner
from mock_server.world import plant


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says; each field is an option of the same name."""

    db: str = ":memory:"
    seed: int = 1
    items: int = 200
    check_answers: bool = False
    rate_limit: float = 0.0
    cors_origins: tuple[str, ...] = ()
    password_cost: int = 6
    lifetimes: Lifetimes = field(default_factory=Lifetimes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The application with the parts that the socket side and the control side need as well."""

    application: Application
    database: Database
    clock: Clock
    authenticator: Authenticator
    sessions: SessionStore
    spec: Spec


def build(options: Options, *, clock: Clock | None = None, spec: Spec | None = None) -> Server:
    """A server that is ready to answer. DatabaseError or SpecError say what is wrong with the arguments."""
    spec = spec or load()
    clock = clock or Clock()
    database = Database(options.db)
    hasher = PasswordHasher(options.password_cost)
    if database.is_new:
        plant(database, seed=options.seed, count=options.items, hasher=hasher)
    row = database.one("SELECT value FROM meta WHERE key = 'seed'")
    assert row is not None
    seed = int(row[0])
    # From the seed, so that a run replays to the byte. It guards nothing but a mock server on loopback.
    signer = TokenSigner(hashlib.sha256(f"tchat-reference/{seed}".encode()).digest())
    items, categories = ItemStore(database, clock), CategoryStore(database)
    versions, sync = VersionStore(database), SyncStore(database)
    sessions = SessionStore(database, clock, options.lifetimes)
    authenticator = Authenticator(signer, sessions, clock)
    reading = Reading(items, categories, versions, sync)
    writing = Writing(database, clock, items, Editor(items, categories, versions, IdMaker(seed)))
    accounts = Sessions(database, sessions, signer, hasher)
    limiter = (
        RateLimiter(clock, rate=options.rate_limit, burst=max(1, round(options.rate_limit * 2)))
        if options.rate_limit
        else None
    )
    application = Application(
        spec,
        handlers=handlers(reading, writing, accounts),
        locators={"id": reading.locate_item, "category": reading.locate_category},
        authenticator=authenticator,
        sessions=sessions,
        limiter=limiter,
        cors=Cors(options.cors_origins),
        check_answers=options.check_answers,
    )
    return Server(
        application=application,
        database=database,
        clock=clock,
        authenticator=authenticator,
        sessions=sessions,
        spec=spec,
    )


def handlers(reading: Reading, writing: Writing, sessions: Sessions) -> dict[str, Handler]:
    """operationId -> what does it."""
    return {
        "getContentItems": reading.get_content_items,
        "getContentItem": reading.get_content_item,
        "getContentByCategory": reading.get_content_by_category,
        "getContentCategories": reading.get_content_categories,
        "getContentVersions": reading.get_content_versions,
        "syncContent": reading.sync_content,
        "createContentItem": writing.create_content_item,
        "updateContentItem": writing.update_content_item,
        "publishContent": writing.publish_content,
        "archiveContent": writing.archive_content,
        "bulkUpdateContent": writing.bulk_update_content,
        "revertContentVersion": writing.revert_content_version,
        "login": sessions.login,
        "refreshTokens": sessions.refresh_tokens,
        "logout": sessions.logout,
        "verifyToken": sessions.verify_token,
        "ingestMetrics": sessions.ingest_metrics,
    }
