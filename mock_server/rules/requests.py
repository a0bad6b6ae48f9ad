"""The rules of how a request is judged, before anything is done; each field has its right value as default."""

from __future__ import annotations


class RequestRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Requests

    validation_skips: tuple[str, ...] = ()
    """Keywords of JSON Schema whose violations are let pass."""
    mass_assignment: bool = False
    """Unknown members are accepted, and those that name a field of the server's are applied."""
    title_longest: int = 0
    """When not 0, a longer title is 400, whatever the specification says."""
    ascii_only: bool = False
    """A body that is not ASCII is 400."""
    duplicates_refused: bool = True
    """A query name that occurs twice is 400."""
    unknown_query_refused: bool = False
    """An unknown query name is 400."""
    media_type_checked: bool = True
    """A body needs `Content-Type: application/json`."""
    media_type_parameters: bool = True
    """Parameters of that media type are ignored; False: they make it 415."""
    body_limit_checked: bool = True
    """A body over its operation's limit is 413."""
    bad_json_fails: bool = False
    """A body that is not JSON makes the server fail (500)."""
    quote_fails: bool = False
    """A quotation mark in `search` makes the server fail (500) and tell its stack."""
    body_before_item: bool = False
    """The body is judged (400) before the id in the path (404)."""
    body_before_token: bool = False
    """The body is judged (400) before the token (401)."""
    wrong_method_status: int = 405
    """The status of a method that a path does not have."""
    head_served: bool = True
    """HEAD is answered like GET; False: 405."""
    options_served: bool = True
    """OPTIONS is 204; False: 405."""
    accept_understood: bool = True
    """An `Accept` may be any list of media ranges; False: all but `*/*` and `application/json` is 406."""
    odd_path_status: int = 404
    """The status of a path outside the document that has a percent-escape in it."""
    request_id_repeated: bool = True
    """A problem repeats the caller's X-Request-Id."""
    request_id_checked: bool = True
    """Only where it has the form of an id; False: whatever it is."""
    cors_listed_only: bool = True
    """Only a listed origin is let in; False: whichever asks."""
    cors_wildcard: bool = False
    """The origin that is let in is told as `*`."""
    cors_credentials: bool = True
    """It is let in with credentials."""
    cors_on_errors: bool = True
    """In refusals, too."""
    cors_varies: bool = True
    """`Vary` names Origin."""
    cors_every_method: bool = True
    """A preflight allows each method of the path; False: only those that need none."""
    cors_token_field: bool = True
    """A preflight allows the field Authorization."""
    default_limit: int = 0
    """When not 0, the rows of a page where the request does not say."""
    allow_without: str = ""
    """A method that `Allow` leaves out."""
    slash_ignored: bool = False
    """A trailing slash is the same path."""
    bulk_is_an_id: bool = False
    """GET and PUT of /content/items/bulk are taken for an item of that id (R26)."""
    hidden_path: bool = False
    """`/debug/accounts` answers, though no document has it."""

    # Conditions and idempotency

    if_match_checked: bool = True
    """A false If-Match is 412."""
    if_match_weak: bool = False
    """If-Match compares weakly (RFC 9110, 13.1.1: strongly)."""
    if_none_match_checked: bool = True
    """A matching If-None-Match is 304."""
    etag_fixed: bool = False
    """Every version of an item has the entity tag `"v1"`."""
    idempotency_kept: bool = True
    """A second create with the same Idempotency-Key answers the first one's item."""
    idempotency_compared: bool = True
    """The same key with another body is 422; False: the first answer is replayed."""
    idempotency_of_user: bool = True
    """Keys belong to a user; False: another user's answer is replayed."""
    idempotency_until_changed: bool = False
    """A key is forgotten once its item has changed."""
    gone_key_unused: bool = False
    """A create whose client has gone before the answer leaves its key unused, though the item is made."""
    gone_without_version: bool = False
    """An update whose client has gone before the answer is stored in the item and not in its versions."""
    conflict_applies: bool = False
    """A refused update (409) is applied all the same."""
    precondition_applies: bool = False
    """A refused update (412) is applied all the same."""
    forbidden_applies: bool = False
    """A request that lacks a permission is answered 403, but carried out."""
    invalid_create_applies: bool = False
    """A create that breaks the specification (400) leaves an item behind."""
