"""The promises that a check may need of the document, beyond the operations that it calls, and how each promise is recognized.

A check names its needs as data, and is not applicable if the document does not promise them. Everything else that a check reads (a
member, a header, a status, a parameter, a request that one document allows and the other refuses) is tested where it is read
(`contracts.dialect.translation`). A promise that our document makes in prose is recognized by the same words, as in our document
under an overlay, or because `x-dialect` names it.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from contracts.dialect.derivation import derive
from contracts.dialect.schema_members import Members, has_version_tags, request_members, response_members
from contracts.dialect.token_lives import token_lives
from contracts.schema import PROBLEM
from contracts.spec import Spec, SpecError, canonical


def _documents(status: int) -> Callable[[Spec], bool]:
    return lambda spec: any(status in operation.answers for operation in spec)


def _has_header(operation: str, name: str) -> Callable[[Spec], bool]:
    """A test whether the document lists this header of an operation's success."""

    def has(spec: Spec) -> bool:
        found = spec.operations.get(operation)
        return found is not None and any(header.name.lower() == name for header in found.success.headers)

    return has


def _has_answer_header(status: int, name: str) -> Callable[[Spec], bool]:
    return lambda spec: any(
        header.name.lower() == name
        for operation in spec
        if status in operation.answers
        for header in operation.answers[status].headers
    )


def _says(words: str) -> Callable[[Spec], bool]:
    """A test whether the description of a document, or of one of its operations, has these words."""

    def says(spec: Spec) -> bool:
        texts = [spec.document.get("info", {}).get("description", "")]
        for item in spec.document["paths"].values():
            texts += [part.get("description", "") for part in item.values() if isinstance(part, Mapping)]
        return any(words in " ".join(str(text).split()) for text in texts)

    return says


def check_dialect(spec: Spec) -> None:
    """Raise SpecError if `x-dialect` is invalid or names a promise that no check needs: a typing error would disable checks silently."""
    if "x-dialect" not in spec.document:
        return
    derive(canonical(), spec)
    for name in spec.document["x-dialect"].get("promises", ()):
        if name not in NEEDS_OF_DOCUMENT:
            near = get_close_matches(str(name), NEEDS_OF_DOCUMENT, n=1)
            meant = f"perhaps {near[0]!r} is meant" if near else f"one of {', '.join(NEEDS_OF_DOCUMENT)}"
            raise SpecError(f"/x-dialect/promises: no check needs {name!r}; {meant}")


def promises(spec: Spec, need: str) -> bool:
    """Whether a document promises this need, in itself or in `x-dialect`."""
    declared = spec.document.get("x-dialect", {})
    named = declared.get("promises", ()) if isinstance(declared, Mapping) else ()
    return need in named or NEEDS_OF_DOCUMENT[need][0](spec)


def _has_items(spec: Spec) -> bool:
    """Whether items can be created and read, and have the members by which the model identifies them."""
    if {"createContentItem", "getContentItem"} - set(spec.operations):
        return False
    names = derive(canonical(), spec).members
    operation = spec["getContentItem"]
    item = response_members(spec, operation, operation.success.status).of("data").named
    return {names.get(name, name) for name in item} >= {"id", "title", "status", "version", "updatedAt"}


def _has_code(operation: str, code: str) -> Callable[[Spec], bool]:
    return lambda spec: any(
        code in answer.codes for each in spec if each.id == operation for answer in each.answers.values()
    )


def _body(spec: Spec, operation: str) -> Members:
    return request_members(spec, spec.operations.get(operation))


def members_of(spec: Spec, operation: str) -> frozenset[str]:
    """The members that the request body of an operation may have, with our names."""
    names = derive(canonical(), spec).members
    return frozenset(names.get(name, name) for name in _body(spec, operation).named)


def _tells_lives(spec: Spec) -> bool:
    declared = spec.document.get("x-dialect", {}).get("tokens")
    return bool(declared) or _says("An access token lives 900 seconds")(spec)


def _bulk_has_versions(spec: Spec) -> bool:
    body = _body(spec, "bulkUpdateContent")
    names = derive(canonical(), spec).members
    return "version" in {names.get(name, name) for name in body.of("operations").elements.named}


def _search_is_described(spec: Spec) -> bool:
    listing = spec.operations.get("getContentItems")
    raw = spec.document["paths"][listing.path]["get"].get("parameters", ()) if listing else ()
    return any(each.get("name") == "search" and "match" in each.get("description", "") for each in raw)


def _has_endpoints(*roles: str) -> Callable[[Spec], bool]:
    return lambda spec: set(roles) <= spec.oauth.keys()


def _has_limits(spec: Spec) -> bool:
    limited = (operation.answers[429] for operation in spec if 429 in operation.answers)
    return any(header.name.lower() == "ratelimit-policy" for answer in limited for header in answer.headers)


def _has_problem_documents(spec: Spec) -> bool:
    return any(PROBLEM in answer.media_types for each in spec for answer in each.answers.values())


def _has_request_id(spec: Spec) -> bool:
    return any(p.name.lower() == "x-request-id" for operation in spec for p in operation.parameters)


def permissions_are_ours(spec: Spec) -> bool:
    """Whether a target keeps our permissions although its document names none."""
    return not any(operation.permission for operation in spec) and promises(spec, "permissions")


NEEDS_OF_DOCUMENT: Mapping[str, tuple[Callable[[Spec], bool], str]] = MappingProxyType({
    "conditional reads": (_documents(304), "the document has no 304"),
    "methods": (_documents(405), "the document has no 405, and does not say how HEAD is answered"),
    "options": (_says("`OPTIONS` needs no token"), "the document does not say how OPTIONS is answered"),
    "media types": (_documents(415), "the document has no 415"),
    "body limits": (_documents(413), "the document has no 413"),
    "problem documents": (_has_problem_documents, "the document has no application/problem+json"),
    "members of problems": (
        lambda spec: _has_problem_documents(spec) and _says("Branch on `code`")(spec),
        "the document does not say what the members of a problem document tell (type, message, details.errors)",
    ),
    "request ids": (_has_request_id, "the document has no request header X-Request-Id"),
    "version tags": (lambda spec: has_version_tags(canonical(), spec), "the document does not say that the entity tag of an item is its version"),
    "cut fractions": (_says("digits after the sixth are cut off"), "the document does not say how more than six digits of a fraction are read"),
    "media type parameters": (_says("and its parameters are ignored"), "the document does not say that the parameters of a media type are ignored"),
    "unchanged content": (
        _says("even when the values are the same"),
        "the document does not say that a write of the content that an item has makes a new version",
    ),
    "exposed headers": (
        _says("`Access-Control-Expose-Headers` with at least"),
        "the document does not say which headers a page of another origin may read (Access-Control-Expose-Headers)",
    ),
    "zero fractions": (_says("may have a zero fraction"), "the document does not say that 2.0 is whole"),
    "duplicate members": (
        _says("of members with the same name the last counts"),
        "the document does not say which of several members with one name counts",
    ),
    "exact paths": (
        _says("A path with a trailing slash is another path"),
        "the document does not say that a path with a trailing slash or in other case is another path",
    ),
    "order of judgement": (
        _says("Order of judgement"),
        "the document does not say which refusal comes first where a request is wrong in several ways",
    ),
    "items of the model": (
        _has_items,
        "the document does not promise id, title, status, version and updatedAt of an item, by which the reference model knows it",
    ),
    "refresh rules": (_has_code("refreshTokens", "REFRESH_REUSED"), "the document does not say what becomes of a refresh token that was used before"),
    "single use": (_has_code("refreshTokens", "REFRESH_REUSED"), "the document does not say what becomes of a refresh token that was used before"),
    "login throttle": (_says("After 5 failures for one address"), "the document does not say how many failed logins lead to 429"),
    "same JSON value": (_says("the same key with the same JSON value"), "the document does not say how two bodies are compared"),
    "platforms of deletions": (_says("Both arrays keep only items for one of the"), "the document does not say that deletions are told by platform"),
    "challenges": (_has_answer_header(401, "www-authenticate"), "the document has no WWW-Authenticate of 401"),
    "platforms": (lambda spec: "platforms" in members_of(spec, "createContentItem"), "the document has no platforms in an item"),
    "refresh grace": (
        lambda spec: token_lives(spec).grace > 0 and token_lives(spec).rotates,
        "the target gives a refresh token that was used no grace",
    ),
    "rotation": (lambda spec: token_lives(spec).rotates, "a refresh of the target brings no other refresh token"),
    "minimal create": (lambda spec: len(_body(spec, "createContentItem").required) == 1, "the document requires more of a new item than its title"),
    "token lives": (_tells_lives, "the document does not say how long tokens live"),
    "earlier access tokens": (
        _says("The access token issued before works on until it expires"),
        "the document does not say what a refresh makes of the access token issued before",
    ),
    "no store": (_has_header("login", "cache-control"), "the document has no Cache-Control in the answer of login"),
    "token codes": (_has_code("verifyToken", "TOKEN_MISSING"), "the document does not tell the causes of 401 apart"),
    "query rules": (_says("A query name that this document does not know"), "the document does not say how names and values of a query are read"),
    "authorization code": (
        _has_endpoints("authorization", "token"),
        "the document has no authorization code flow (an oauth2 security scheme, or x-oauth)",
    ),
    "revocation": (_has_endpoints("authorization", "token", "revocation"), "the document has no revocation endpoint (x-oauth)"),
    "redirect URI of a code": (
        _says("it needs `code`, `redirect_uri` and `code_verifier`"),
        "the document does not say that the token endpoint needs the redirect URI",
    ),
    "sessions of the flow": (
        _says("What begins there is a session like any other"),
        "the document does not say that a session of the authorization code flow is one like those of a login",
    ),
    "metadata": (_has_endpoints("authorization", "token", "metadata"), "the document has no authorization server metadata (x-oauth)"),
    "rate limits": (_has_limits, "the document has no 429 with RateLimit-Policy"),
    "total order": (
        _says("The order is total: equal sort keys are ordered by `id`"),
        "the document does not say how titles, equal keys and nulls are ordered",
    ),
    "search rules": (_search_is_described, "the document does not say what a search finds"),
    "realtime channel": (_says("The realtime channel"), "the document does not describe the realtime channel"),
    "permissions": (
        lambda spec: any(operation.permission for operation in spec),
        "the document does not say which permission an operation needs (x-permission)",
    ),
    "archived items": (_has_code("updateContentItem", "INVALID_STATE"), "the document does not say what becomes of a write on an archived item"),
    "status of a revert": (_says("An archived item becomes a draft"), "the document does not say what a revert makes of status and publishedAt"),
    "versions in bulk": (_bulk_has_versions, "the document has no version in an operation of bulkUpdateContent"),
    "known categories": (
        _has_code("createContentItem", "CATEGORY_UNKNOWN"),
        "the document does not say what becomes of a category that does not exist",
    ),
    "accounts": (_says("Addresses are compared without regard to the case"), "the document does not say which addresses name the same account"),
    "devices": (_says("ends the earlier session there"), "the document does not say what a second login on the same device ends"),
    "category order": (_says("siblings are ordered by `id`"), "the document does not say in which order categories come"),
    "sync order": (_says("in ascending order of stamps"), "the document does not say in which order changes come"),
    "sync from the future": (
        _says("even when that is before `lastSyncTimestamp`"),
        "the document does not say where a window ends that begins in the future",
    ),
    "sync pages": (_says("One answer holds at most 1000"), "the document does not say how much one answer of sync holds"),
    "stamps": (_says("change has its own stamp"), "the document does not say that a change has one stamp"),
    "leap seconds": (_says("second 60 reads as"), "the document does not say how second 60 is read"),
})  # fmt: skip
"""Name of a need -> (test whether a document promises it, reason if it does not)."""


def missing(spec: Spec, needs: tuple[str, ...]) -> str:
    """The first reason why a check with these needs is not applicable; empty if it is applicable."""
    return next((NEEDS_OF_DOCUMENT[need][1] for need in needs if not promises(spec, need)), "")
