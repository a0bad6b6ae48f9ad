"""Members that are absent, null, or one level higher than in our contract."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contracts.dialect.schema_members import Members
from contracts.model.unpromised import unpromised

DEFAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"createContentItem": {"platforms": ["web", "ios", "android"]}}
)
"""What our document says in prose of a member that a request leaves out, where its empty value does not say it."""
OMITTED = "when omitted"


def with_own_defaults(
    operation: str, value: Mapping[str, Any], theirs: Members, names: Mapping[str, str]
) -> Mapping[str, Any]:
    """A request with our default of a member for which the target's document names none: the target may have another. `names` are the
    target's names for ours."""
    found = dict(value)
    for name, default in DEFAULTS.get(operation, {}).items():
        other = names.get(name, name)
        if name not in value and other in theirs.named and not theirs.says(other, OMITTED):
            found[name] = default
    return found


def in_place_of_absent(ours: Members, name: str, where: str) -> Any:
    """The value of a member of ours which the target's document allows to be absent or null, and is: the empty one, if our schema allows
    one; else nothing is known of it."""
    found = ours.empty(name)
    return unpromised(f"{name} of {where} to be there") if found is ... else found


def not_null(value: Any, ours: Members, theirs: Members, names: tuple[str, str], where: str) -> Any:
    """The value of a member; the empty one in place of a null that the target's document allows and ours does not. `names` are ours and
    the target's."""
    name, other = names
    odd = (
        value is None and other in theirs.named and theirs.allows(other, None) and not ours.allows(name, None)
    )
    return in_place_of_absent(ours, name, where) if odd else value


def of_outer_members(outer: Mapping[str, Any], ours: Members, name: str, where: str) -> Any:
    """An object of ours whose members the target puts one level higher (`total` beside `data`, instead of `pagination.total`), made of
    the members there under our names; unpromised if none of them is there."""
    inner = ours.of(name)
    found = {part: value for part, value in outer.items() if part in inner.named}
    if not found:
        return unpromised(f"{name} of {where}")
    return {part: unpromised(f"{part} of {where}") for part in inner.required} | found
