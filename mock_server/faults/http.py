"""HTTP used wrongly: statuses, methods, validation, conditions, idempotency, and writes that fail but happen."""

from __future__ import annotations

from functools import partial

from mock_server.faults import entry
from mock_server.faults.transform import status

_rule = partial(entry.rule, "http")
_answer = partial(entry.answer, "http")
_UPDATE, _CREATE, _ITEM, _LIST = "updateContentItem", "createContentItem", "getContentItem", "getContentItems"

STATUSES = (
    _answer("create-200", "R25", "A create is 200.", "shape.answers", _CREATE, status(201, 200)),
    _answer("metrics-200", "openapi", "Metrics are 200.", "shape.answers", "ingestMetrics", status(202, 200)),
    _answer("archive-204", "S:303", "Archive is 204 without a body.", "shape.answers", "archiveContent",
            status(200, 204)),
    _answer("login-201", "F3", "Login is 201, which iOS refuses.", "shape.answers", "login", status(200, 201)),
    _answer("refresh-201", "F3", "Refresh is 201, which iOS refuses.", "shape.answers", "refreshTokens",
            status(200, 201)),
    _answer("conflict-400", "S:272", "A version conflict is 400.", "items.conflict-on-stale-version", _UPDATE,
            status(409, 400, code="VERSION_CONFLICT")),
    _answer("conflict-412", "R20", "A version conflict is 412.", "items.conflict-on-stale-version", _UPDATE,
            status(409, 412, code="VERSION_CONFLICT")),
    _answer("invalid-422", "R20", "An invalid request is 422.", "shape.problems", "",
            status(400, 422, code="VALIDATION_FAILED")),
    _answer("invalid-500", "R20", "An invalid request is 500.", "shape.no-server-errors", "",
            status(400, 500, code="VALIDATION_FAILED")),
    _answer("missing-item-200", "openapi", "An unknown item is 200 with the problem as body.",
            "items.not-found shape.answers", _ITEM, status(404, 200, code="CONTENT_NOT_FOUND")),
    _answer("missing-item-410", "R21", "An unknown item is 410.", "items.not-found shape.answers", _ITEM,
            status(404, 410, code="CONTENT_NOT_FOUND")),
    _answer("missing-item-400", "R20", "An unknown item is 400.", "items.not-found", "",
            status(404, 400, code="CONTENT_NOT_FOUND")),
    _answer("unauthorized-403", "RFC 9110 15.5.2", "A missing token is 403.", "tokens.required-everywhere", "",
            status(401, 403, code="TOKEN_MISSING")),
    _answer("forbidden-401", "R23", "A missing permission is 401.", "permissions.matrix", "",
            status(403, 401, code="FORBIDDEN")),
    _answer("redirects", "R37", "A list answers 302 to itself.", "shape.answers", _LIST, status(200, 302)),
    _answer("not-modified-200", "RFC 9110 13.1.2", "A matching If-None-Match is 200 without a body.",
            "http.not-modified", _ITEM, status(304, 200)),
    _rule("wrong-method-404", "RFC 9110 15.5.6", "A method that a path does not have is 404.", "shape.options http.method-not-allowed", "",
          wrong_method_status=404),
    _rule("wrong-method-501", "RFC 9110 15.5.6", "A method that a path does not have is 501.", "shape.options http.method-not-allowed", "",
          wrong_method_status=501),
    _rule("head-refused", "RFC 9110 9.3.2", "HEAD is 405.", "http.head", "", head_served=False),
    _rule("options-refused", "R37", "OPTIONS is 405.", "shape.options http.options", "", options_served=False),
    _rule("allow-incomplete", "RFC 9110 10.2.1", "Allow leaves HEAD out.", "shape.options", "", allow_without="HEAD"),
    _rule("slash-ignored", "R37", "A trailing slash is the same path.", "http.unknown-routes", "",
          slash_ignored=True),
    _rule("bulk-is-an-id", "R26", "GET /content/items/bulk looks for an item of that id.", "http.bulk-is-no-id", "",
          bulk_is_an_id=True),
    _rule("hidden-path", "OWASP API9", "/debug/accounts answers, though no document has it.", "http.no-hidden-paths",
          "", hidden_path=True),
)  # fmt: skip

VALIDATION = (
    _rule("unknown-members-taken", "openapi", "Unknown members of a body are ignored.", "http.closed-bodies", "",
          validation_skips=("additionalProperties",)),
    _rule("enum-unchecked", "F13", "An unknown sortBy or status is taken for the default.", "conformance.coverage-negative", _LIST,
          validation_skips=("enum",)),
    _rule("format-unchecked", "openapi", "`format` is a remark, not an assertion.", "sync.parameters", "",
          validation_skips=("format",)),
    _rule("min-items-unchecked", "openapi", "Empty arrays pass where one element is needed.", "conformance.coverage-negative", "",
          validation_skips=("minItems",)),
    _rule("title-limit-short", "openapi", "Titles over 100 characters are 400, though valid.", "items.length-in-code-points",
          "createContentItem updateContentItem", title_longest=100),
    _rule("ascii-only", "openapi", "Bodies that are not ASCII are 400, though valid.", "items.unicode-survives", "",
          ascii_only=True),
    _rule("duplicates-taken", "R39", "A query name may occur twice.", "items.query-unknown-ignored", "",
          duplicates_refused=False),
    _rule("unknown-query-refused", "R39", "An unknown query name is 400.", "items.query-unknown-ignored", "",
          unknown_query_refused=True),
    _rule("media-type-unchecked", "R17", "A body of any media type is taken.", "http.media-type", "",
          media_type_checked=False),
    _rule("media-type-parameters-refused", "openapi", "`application/json; charset=utf-8` is 415.", "http.media-type",
          "", media_type_parameters=False),
    _rule("body-limit-unchecked", "openapi", "Bodies of any size are taken.", "http.too-large", "",
          body_limit_checked=False),
    _rule("bad-json-500", "R20", "A body that is not JSON is 500.", "shape.no-server-errors", "", bad_json_fails=True),
    _rule("quote-500", "EvoMaster F309", "A quotation mark in `search` is 500 and shows a stack.",
          "shape.no-server-errors items.search-no-wildcards", _LIST, quote_fails=True),
    _rule("body-before-item", "R17", "A bad body is told before an unknown id.", "items.not-found-before-body", "",
          body_before_item=True),
    _rule("body-before-token", "R17", "A bad body is told before a missing token.", "http.token-before-body", "",
          body_before_token=True),
)  # fmt: skip

CONDITIONS = (
    _rule("if-match-ignored", "RFC 9110 13.1.1", "If-Match is ignored.", "http.if-match", _UPDATE,
          if_match_checked=False),
    _rule("if-match-weak", "RFC 9110 13.1.1", "If-Match compares weakly.", "http.if-match", _UPDATE,
          if_match_weak=True),
    _rule("if-none-match-ignored", "RFC 9110 13.1.2", "If-None-Match is ignored.", "http.not-modified", _ITEM,
          if_none_match_checked=False),
    _rule("etag-fixed", "RFC 9110 8.8.3", "Every version has the same ETag, so that a cache never learns.",
          "http.etag http.not-modified-follows", _ITEM, etag_fixed=True),
    _rule("idempotency-ignored", "R31", "Idempotency-Key is ignored.", "http.idempotency-replay", _CREATE,
          idempotency_kept=False),
    _rule("idempotency-not-compared", "R31", "A key with another body replays the first answer.",
          "http.idempotency-reuse", _CREATE, idempotency_compared=False),
    _rule("idempotency-of-all", "R31", "A key replays the answer that another user got.",
          "http.idempotency-key-per-account", _CREATE, idempotency_of_user=False),
    _rule("conflict-applies", "EvoMaster F114", "An update that is refused as a conflict is applied.",
          "items.failed-write-inert", _UPDATE, conflict_applies=True),
    _rule("precondition-applies", "EvoMaster F114", "An update that is refused by If-Match is applied.",
          "http.if-match", _UPDATE, precondition_applies=True),
    _rule("forbidden-applies", "R23", "What a caller may not do is refused and done.", "permissions.refused-inert", "",
          forbidden_applies=True),
    _rule("invalid-create-applies", "RESTler LeakageRule", "An invalid create leaves an item behind.",
          "items.failed-write-inert", _CREATE, invalid_create_applies=True),
)  # fmt: skip

HTTP = STATUSES + VALIDATION + CONDITIONS
