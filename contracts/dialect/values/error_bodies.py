"""An error body of any form as a problem document of our contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.dialect.schema_members import ERROR_WRAPPERS, renamed


def as_problem(value: Any, members: Mapping[str, str], codes: Mapping[str, str], known: Sequence[str]) -> Any:
    """The object with `code` and `message`, wherever it is nested. `known` are our codes of a response whose codes the target's document
    does not list: if there is only one, it is meant."""
    if not isinstance(value, dict):
        return value
    inner = value
    for wrapper in ERROR_WRAPPERS:
        error = value.get(wrapper)
        error = error[0] if isinstance(error, list) and error else error
        if isinstance(error, dict) and ({"code", "message"} & error.keys()) and "code" not in value:
            inner = error
            break
    problem = {**renamed(inner, members)}
    code = problem.get("code")
    if isinstance(code, str):
        code = codes.get(code, code)
    if len(known) == 1 and code not in known:
        code = known[0]
    if code is not None:
        problem["code"] = code
    if "message" not in problem and isinstance(problem.get("detail"), str):
        problem["message"] = problem["detail"]
    return problem
