"""Checks that no fault names and no spoilt server of tests/suite is for, and what is known of their power all the same.

RED_BY: a fault that names another check turns this one red too; `make power` measures it. WEAK: the checks for which the
catalogue has only faults that break the way to them (a login that answers 201), which would prove nothing; with the
fault that is missing. A check in neither table fails the build.
"""

from __future__ import annotations

from collections.abc import Mapping

RED_BY: Mapping[str, str] = {
    "smoke.reaches": "za-01-exception",
    "smoke.both-mounts": "redirects",
    "smoke.read-your-write": "za-02-required-missing",
    "http.no-json": "bad-json-500",
    "http.duplicate-members": "invalid-422",
    "http.integers-with-zero-fraction": "za-04-number-constraint",
    "http.validation-tells-where": "za-05-text-constraint",
    "http.entity-tags-syntax": "invalid-422",
    "http.idempotency-refused-unused": "category-unchecked",
    "http.idempotency-key-syntax": "za-05-text-constraint",
    "http.without-key-creates-twice": "list-hides-drafts",
    "http.get-changes-nothing": "sync-more-always",
    "bulk.same-as-single": "conflict-applies",
    "bulk.invalid-document": "unknown-members-taken",
    "bulk.hundred": "version-raised-twice",
    "categories.paging": "page-skips-one",
    "categories.dates-offsets": "range-start-exclusive",
    "items.update-once": "conflict-applies",
    "items.conflict-order": "conflict-412",
    "items.stamps-order-changes": "updated-at-kept",
    "items.empty-list": "search-ignored",
    "items.order-across-pages": "sort-unstable",
    "items.filter-category-unknown": "list-category-ignored",
    "items.filters-joined": "list-status-ignored",
    "items.search-short": "invalid-422",
    "items.query-syntax": "enum-unchecked",
    "items.query-plus-is-space": "search-ignored",
    "sync.full-state": "sync-all-workspaces",
    "sync.future": "sync-more-always",
    "sync.recovered": "revert-keeps-archived",
    "sync.instants": "sync-border-twice",
    "versions.etag-of-version": "etag-fixed",
    "revert.to-present": "revert-backward",
    "auth.login": "login-wrapped",
    "auth.login-mobile": "login-wrapped",
    "auth.login-same-time": "password-unchecked",
    "auth.login-throttle-ends": "throttle-missing",
    "auth.login-success-clears": "password-unchecked",
    "auth.no-store": "tokens-stored",
    "auth.refresh-expires": "expiry-unchecked",
    "auth.absolute-life": "refresh-not-rotated",
    "auth.refresh-forms": "refresh-201",
    "auth.refresh-keeps-permissions": "permission-unchecked",
    "isolation.same-as-missing": "foreign-told",
    "isolation.bulk": "bulk-code-generic",
    "isolation.versions": "revert-foreign-version",
    "isolation.categories": "category-unchecked",
    "permissions.challenge": "forbidden-401",
    "permissions.before-existence": "permission-unchecked",
    "permissions.told-at-login": "login-permissions-text",
    "tokens.only-in-authorization": "anonymous-allowed",
    "tokens.refused-writes-inert": "anonymous-allowed",
    "races.bulk-against-single": "lost-update",
    "races.publish-against-archive": "archive-repeat-counts",
    "races.idempotent-create": "idempotency-ignored",
    "races.creates": "create-twice",
    "races.sync-under-writes": "sync-border-twice",
    "races.parallel-refreshes": "grace-missing",
    "races.refresh-against-logout": "logout-keeps-refresh",
    "races.events": "ws-event-lost",
    "conformance.examples": "za-02-required-missing",
    "conformance.coverage-positive": "za-01-exception",
    "conformance.fuzzing-positive": "za-02-required-missing",
    "conformance.fuzzing-negative": "za-04-number-constraint",
    "conformance.auth-not-ignored": "anonymous-allowed",
    "fuzz.requests": "za-05-text-constraint",
    "fuzz.ids": "missing-item-410",
    "stateful.model": "lost-update",
    "stateful.links": "missing-item-410",
}
"""Check -> the fault."""

WEAK: Mapping[str, str] = {}
"""Check -> the fault that the catalogue lacks."""
