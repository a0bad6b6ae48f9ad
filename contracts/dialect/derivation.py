"""The derivation of a `Dialect` from our document and the target's.

Some differences are visible in the documents: another status for the same outcome (one has 400 and no 422, the other the reverse), a
permission, or a single code or member that only one has and a single one that only the other has. If there are several, names that differ
only in case and underscores (`updated_at`) are paired. Everything else is declared at the top of the target's document, or in an
overlay, as a mapping from the target's name to ours:

    x-dialect:
      members: {modified: updatedAt}
      parameters: {q: search}
      codes: {EDIT_CONFLICT: VERSION_CONFLICT}
      permissions: {articles.edit: "content:write"}
      promises: [sync order]
      operations: {"POST /sessions": login}
      firstVersion: 0
      firstPage: 0
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from contracts.dialect.schema_members import Members, kind, members, only
from contracts.dialect.translation import Dialect
from contracts.dialect.values.parameter_names import ALIASES, parameters_of_other_form, query_members
from contracts.dialect.values.query_translation import PAGE, SIGNED, SORTED
from contracts.dialect.values.value_forms import plain
from contracts.spec import Operation, Spec, SpecError, canonical
from contracts.spec.source.references import followed

KEYS = ("members", "parameters", "codes", "permissions")
FIRSTS = MappingProxyType(
    {"firstVersion": "the version of a new item", "firstPage": "the number of the first page"}
)
OTHERS = ("operations", "channel", "tokens", "cursor", "origins", *FIRSTS)
PROMISES = "promises"
"""The key for what the target keeps although its document does not say so, as names of `contracts.dialect.document_needs`."""
DEEPEST = 8


def dialect_of(spec: Spec) -> Dialect | None:
    """The dialect of a target with this document; None if it is the same as ours, so that nothing is translated."""
    if spec is canonical():
        return None
    found = derive(canonical(), spec)
    return None if found.identical else found


def _declared(theirs: Spec) -> Mapping[str, Any]:
    """The `x-dialect` of a document. Raises SpecError if it is invalid."""
    declared = theirs.document.get("x-dialect", {})
    if not isinstance(declared, Mapping) or set(declared) - {*KEYS, PROMISES, *OTHERS}:
        raise SpecError(
            f"/x-dialect: it has the keys {', '.join(KEYS)}, each an object from the target's word to ours, {PROMISES}, a list, and "
            + ", ".join(OTHERS)
        )
    for key, what in FIRSTS.items():
        if isinstance(declared.get(key, 1), bool) or not isinstance(declared.get(key, 1), int):
            raise SpecError(f"/x-dialect/{key}: it is {what}, a whole number")
    if declared.get("origins", False) is not False:
        raise SpecError(
            "/x-dialect/origins: it is false, where no page of another origin is let in; --origin names one that is"
        )
    cursor = declared.get("cursor", {})
    if not isinstance(cursor, Mapping) or set(cursor) - {"parameter", "member"}:
        raise SpecError(
            "/x-dialect/cursor: it has `parameter`, which takes the cursor of a list, and `member`, which tells the next one"
        )
    if not isinstance(declared.get(PROMISES, []), list):
        raise SpecError(f"/x-dialect/{PROMISES}: it is a list of names")
    for key in (*KEYS, "operations"):
        table = declared.get(key, {})
        if not isinstance(table, Mapping) or not all(isinstance(word, str) for word in table.values()):
            raise SpecError(f"/x-dialect/{key}: it is an object from the target's word to ours")
    return declared


def derive(ours: Spec, theirs: Spec) -> Dialect:
    """The dialect between two documents. Raises SpecError for an invalid `x-dialect`."""
    declared = _declared(theirs)
    pairs = [(ours[op.id], op) for op in theirs if op.id in ours.operations]
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    parameters: dict[str, str] = {}
    statuses: dict[tuple[str, int], int] = {}
    for mine, other in pairs:
        statuses |= {(mine.id, status): canonical for status, canonical in _statuses(mine, other)}
    if any(422 in op.answers for op in theirs):
        # Where one operation tells neither, its refusal of what is not valid is the one of the others.
        statuses |= {(mine.id, 422): 400 for mine, other in pairs if 400 in mine.answers and not {400, 422} & other.answers.keys()}  # fmt: skip
    # An operation that only the target has may refuse what is not valid with 422, too.
    statuses |= {(op.id, 422): 400 for op in theirs if op.id not in ours.operations and 422 in op.answers}
    for mine, other in pairs:
        codes |= _codes(mine, other, statuses)
        parameters |= dict(_renamed(ours, theirs, query_members(mine), query_members(other)))
        parameters |= dict(parameters_of_other_form(mine, other, theirs))
        for one, another in _paired_schemas(mine, other):
            for member in _paired_members(ours, theirs, one, another, 0):
                if member.theirs != member.ours:
                    names.setdefault(member.theirs, member.ours)
                elif member.ours == "code":
                    codes |= _one_renamed(_listed(ours, member.mine), _listed(theirs, member.other))
    needed = _needed(pairs)
    # A word for several permissions of ours is none of them: `Dialect.held` translates those of a session.
    means = {
        word: [name for name, words in needed.items() if word in words]
        for word in frozenset().union(*needed.values())
    }
    permissions = {word: names[0] for word, names in means.items() if len(names) == 1 and word not in names}
    names |= dict(declared.get("members", {}))
    parameters |= dict(declared.get("parameters", {}))
    values = (
        pair
        for mine, other in pairs
        for pair in _renamed_values(
            (query_members(mine), ours), (query_members(other), theirs), parameters, names
        )
    )
    return Dialect(
        ours=ours,
        theirs=theirs,
        statuses=statuses,
        codes=codes | dict(declared.get("codes", {})),
        permissions=permissions | dict(declared.get("permissions", {})),
        members=names,
        parameters=parameters,
        needed=needed,
        values=dict(values),
        first_version=declared.get("firstVersion", 1),
        first_page=declared.get("firstPage", _first_page(theirs, parameters)),
    )


def _needed(pairs: Iterable[tuple[Operation, Operation]]) -> dict[str, frozenset[str]]:
    """Permission of ours -> the target's that its operations need, which may be none; empty if the target's document names none."""
    found: dict[str, set[str]] = {}
    for mine, other in pairs:
        if mine.permission:
            found.setdefault(mine.permission, set()).update([other.permission] if other.permission else ())
    return {name: frozenset(words) for name, words in found.items()} if any(found.values()) else {}


def _statuses(mine: Operation, other: Operation) -> Iterator[tuple[int, int]]:
    """(the target's status, ours) for each status that differs."""
    if (mine.success.status not in other.answers and other.success.status not in mine.answers) or (
        mine.success.status not in other.answers and 200 <= other.success.status < 300
    ):
        yield other.success.status, mine.success.status
    without_body = other.body is None and 422 in other.answers and not {400, 409} & other.answers.keys()
    if without_body and 409 in mine.answers:
        # There is no body that it could refuse; it is Rails' status for what the state of a model does not allow.
        yield 422, 409
        return
    # Ours has 422 for a key that was used before. Beside a 400 of the target's, its 422 refuses a request all the same.
    keyed = any(p.name.lower() == "idempotency-key" for p in (*other.state_headers, *other.parameters))
    if 400 in mine.answers and 422 in other.answers and not (400 in other.answers and keyed):
        yield 422, 400


def _codes(mine: Operation, other: Operation, statuses: Mapping[tuple[str, int], int]) -> Mapping[str, str]:
    codes: dict[str, str] = {}
    for status, answer in other.answers.items():
        response = mine.answers.get(statuses.get((mine.id, status), status))
        if response is None or not answer.codes or not response.codes:
            continue
        codes |= _one_renamed(response.codes, answer.codes)
    return codes


def _one_renamed(ours: Iterable[str], theirs: Iterable[str]) -> dict[str, str]:
    """{the target's code: ours} if the two lists differ in exactly one code."""
    more, less = set(theirs) - set(ours), set(ours) - set(theirs)
    return {more.pop(): less.pop()} if len(more) == len(less) == 1 else {}


def _listed(spec: Spec, schema: Any) -> list[str]:
    """The codes that a schema allows."""
    resolved = followed(spec.document, schema)
    return (
        [word for word in resolved.get("enum", ()) if isinstance(word, str)]
        if isinstance(resolved, Mapping)
        else []
    )


def _paired_schemas(mine: Operation, other: Operation) -> Iterator[tuple[Any, Any]]:
    """The schemas of the request bodies, and those of the successful responses."""
    for one, another in ((mine.body, other.body), (mine.success, other.success)):
        if one and another and one.media_types and another.media_types:
            yield only(one.media_types), only(another.media_types)


class _MemberPair(NamedTuple):
    """A member that two schemas share: its name in the target's and in ours, its schema in ours and in the target's."""

    theirs: str
    ours: str
    mine: Any
    other: Any


def _paired_members(ours: Spec, theirs: Spec, mine: Any, other: Any, depth: int) -> Iterator[_MemberPair]:
    """All members with the same meaning, those of an object before those nested in them."""
    one, another = members(ours, mine), members(theirs, other)
    if depth > DEEPEST:
        return
    if one.items is not None and another.items is not None:
        yield from _paired_members(ours, theirs, one.items, another.items, depth + 1)
    if not another.named:
        return
    renamed = dict(_renamed(ours, theirs, one, another))
    pairs = [
        _MemberPair(name, renamed.get(name, name), one.named[renamed.get(name, name)], schema)
        for name, schema in another.named.items()
        if renamed.get(name, name) in one.named
    ]
    yield from pairs
    for pair in pairs:
        yield from _paired_members(ours, theirs, pair.mine, pair.other, depth + 1)


def _renamed(ours: Spec, theirs: Spec, one: Members, another: Members) -> Iterator[tuple[str, str]]:
    """(the target's name, ours) of members that differ in case and underscores or by ALIASES, or are the only unmatched ones of a kind."""
    ours_only = [name for name in one.named if name not in another.named]
    theirs_only = [name for name in another.named if name not in one.named]
    known = {plain(name): name for name in ours_only}
    known |= {ALIASES[name]: name for name in ours_only if name in ALIASES and ALIASES[name] not in known}
    for name in list(theirs_only):
        twin = known.get(plain(name))
        if twin is not None:
            theirs_only.remove(name)
            ours_only.remove(twin)
            yield name, twin
    wanted = [name for name in ours_only if name in one.required]
    if len(theirs_only) == len(wanted) == 1 and (
        kind(theirs, another.named[theirs_only[0]]) == kind(ours, one.named[wanted[0]]) != ""
    ):
        yield theirs_only[0], wanted[0]


def _first_page(theirs: Spec, parameters: Mapping[str, str]) -> int:
    """The number of the first page of a list: 0 by the default of the parameter, or by the minimum of a `Pageable`."""
    listing = theirs.operations.get("getContentItems")
    asked = query_members(listing).named if listing else {}
    pageable = any(parameters.get(name) == SORTED for name in asked)
    pages = (schema for name, schema in asked.items() if parameters.get(name, name) == PAGE)
    found = (followed(theirs.document, schema) for schema in pages)
    return next(
        (0 for page in found if page.get("default", page.get("minimum") if pageable else None) == 0), 1
    )


def _renamed_values(
    mine: tuple[Members, Spec],
    other: tuple[Members, Spec],
    parameters: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterator[tuple[tuple[str, str], str]]:
    """((our parameter, the target's value), our value) of query parameters that list their values, as of `sort=updated_at`."""
    asked = {name: _listed(mine[1], schema) for name, schema in mine[0].named.items()}
    for parameter, schema in other[0].named.items():
        name = parameters.get(parameter, parameter)
        signed = name == SIGNED
        name = "sortBy" if signed else name
        listed = asked.get(name, ())
        near = {plain(value): value for value in listed}
        words = _listed(other[1], schema)
        if signed and not words:
            words = list(names)
        for value in (word.removeprefix("-") for word in words) if signed else words:
            if value not in listed:
                meant = names.get(value, near.get(plain(value)))
                if meant is not None and meant in listed:
                    yield (name, value), meant
