"""The diagnosis of a refused first login: whether the target is wrong, or nobody can know whose mistake it is.

>>> doubt(401, "POST /api/auth/login", email="a@b.example")
'the target refuses to log in a@b.example (401): TCHAT_EMAIL and TCHAT_PASSWORD name an account with every permission'
>>> doubt(500, "POST /api/auth/login", email="a@b.example")
''
"""

from contracts.network.printable import printable


def doubt(
    status: int, place: str, *, email: str, told: str = "", location: str = "", retry_after: str = ""
) -> str:
    """The reason why it is unknown whose mistake this answer is, so that the run is UNKNOWN; empty if the target is responsible for it.

    `place` is the method and path of the login, `told` a short form of the answer if more than its status is known.
    """
    said = printable(told) or str(status)
    if status in (401, 403):
        return f"the target refuses to log in {email} ({said}): TCHAT_EMAIL and TCHAT_PASSWORD name an account with every permission"
    if status == 429:
        wait = f" for {retry_after} s" if retry_after.isascii() and retry_after.isdigit() else ""
        return f"the target takes no login{wait} ({said}): wait, or name another account"
    if status in (404, 405, 501) or 300 <= status < 400:
        return not_this_api(place, f"{said} to {printable(location)}" if location else said)
    return ""


def not_this_api(place: str, said: str) -> str:
    return f"the target answers, but not as this API: {place} is {printable(said)}; is its URL, with its path, the right one?"
