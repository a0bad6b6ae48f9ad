"""The diagnosis of a refused first login: whether the target is wrong, or nobody can know whose mistake it is.

>>> doubt(401, "POST /api/auth/login", email="a@b.example")
'the target refuses to log in a@b.example (401): TCHAT_EMAIL and TCHAT_PASSWORD name an account with every permission'
>>> doubt(301, "POST /api/auth/login", email="", location="/api/auth/login/")
'POST /api/auth/login is 301 to /api/auth/login/: the paths of the target end with a slash, as its own document may say (--spec)'
>>> doubt(301, "POST /api/auth/login", email="", location="http://[")[:39]
'the target answers, but not as this API'
>>> doubt(500, "POST /api/auth/login", email="a@b.example")
''
"""

from contracts.network.printable import printable


def doubt(
    status: int, place: str, *, email: str, excerpt: str = "", location: str = "", retry_after: str = ""
) -> str:
    """The reason why it is unknown whose mistake this answer is, so that the run is UNKNOWN; empty if the target is responsible for it.

    `place` is the method and path of the login, `excerpt` a short form of the answer if more than its status is known.
    """
    shown = printable(excerpt) or str(status)
    if status in (401, 403):
        return f"the target refuses to log in {email} ({shown}): TCHAT_EMAIL and TCHAT_PASSWORD name an account with every permission"
    if status == 429:
        wait = f" for {retry_after} s" if retry_after.isascii() and retry_after.isdigit() else ""
        return f"the target takes no login{wait} ({shown}): wait, or name another account"
    # A target may send any text as a location, which is not parsed here.
    if 300 <= status < 400 and location.partition("?")[0].endswith(f"{place.rpartition(' ')[2]}/"):
        return f"{place} is {shown} to {printable(location)}: the paths of the target end with a slash, as its own document may say (--spec)"
    if status in (404, 405, 501) or 300 <= status < 400:
        return not_this_api(place, f"{shown} to {printable(location)}" if location else shown)
    return ""


def not_this_api(place: str, answer: str) -> str:
    return f"the target answers, but not as this API: {place} is {printable(answer)}; is its URL, with its path, the right one?"
