"""The rules of tokens, sessions and workspaces; each field has its right value as default."""

from __future__ import annotations


class AccessRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Tokens

    token_signature_checked: bool = True
    """A token with a wrong signature is refused."""
    token_none_taken: bool = False
    """A token with `alg: none` and no signature is accepted."""
    token_leeway: int = 0
    """Seconds from `exp` on in which a token still passes (RFC 7519, 4.1.4: none)."""
    access_from_refresh: bool = False
    """A refresh token passes for an access token."""
    refresh_from_access: bool = False
    """An access token passes for a refresh token."""
    token_plain_base64: bool = True
    """The payload segment has neither `-` nor `_`, which the guide's decoders cannot read (F6)."""
    access_life_scale: float = 1.0
    """The true life of an access token, as a part of what `expiresIn` says."""
    expires_in_scale: int = 1
    """What `expiresIn` is multiplied with; 1000 makes it milliseconds."""
    token_needed: bool = True
    """A call without a token is 401; False: it passes as the demo account."""
    undefined_taken: bool = False
    """`Bearer undefined`, which the guide's client sends when logged out (S:1810), passes as the demo account."""
    scheme_checked: bool = True
    """Only the scheme Bearer is accepted."""
    scheme_any_case: bool = True
    """The scheme is compared without regard to case (RFC 9110, 11.1)."""
    challenge_error_always: bool = False
    """A 401 for a missing token names an error as well (R24)."""
    expired_told: bool = True
    """An expired token is TOKEN_EXPIRED; False: TOKEN_INVALID."""
    token_in_error: bool = False
    """The refused token is repeated in the problem document."""
    password_in_error: bool = False
    """A login that breaks the specification is answered with its body."""
    token_in_log: bool = False
    """Authorization fields are written to the log (stderr)."""
    token_tells_hash: bool = False
    """A token's payload holds the hash of the account's password."""
    permission_checked: bool = True
    """An operation needs its permission."""
    bulk_permission_checked: bool = True
    """A bulk entry needs the permission of its single call."""

    # Sessions

    refresh_rotates: bool = True
    """Each refresh answers a new refresh token."""
    refresh_reuse_refused: bool = True
    """A retired refresh token is refused after its grace."""
    refresh_reuse_revokes: bool = True
    """Its use ends the session (RFC 9700, 4.14.2)."""
    refresh_grace: int | None = None
    """Seconds of grace of a retired refresh token; None is what the server was started with."""
    refresh_grace_same_pair: bool = True
    """Within the grace the same successor is answered; False: a fresh pair each time."""
    ended_access_refused: bool = True
    """An access token of an ended session is refused."""
    ended_refresh_refused: bool = True
    """A refresh token of an ended session is refused."""
    rotation_ends_access: bool = False
    """A refresh ends the access tokens that came before it."""
    logout_body_refused: bool = False
    """A logout with a body is 400."""
    login_shared_ms: int = 0
    """Logins of an account within so many milliseconds of one another share a session."""
    logout_ends_all: bool = False
    """A logout ends every session of the account."""
    login_throttled: bool = True
    """Five failed logins within 15 minutes make the next ones 429."""
    login_throttle_spares_correct: bool = False
    """The right password passes a throttled account, so an attacker learns it."""
    login_password_checked: bool = True
    """A login needs the right password."""
    login_account_told: bool = False
    """A login of an unknown account is told from one with a wrong password."""
    login_email_folded: bool = True
    """The case of ASCII letters in the e-mail address does not matter."""
    login_device_replaces: bool = True
    """A login on a device ends the session that the account had there."""
    verify_shortens: int = 0
    """Seconds that verify's `expiresAt` is too early."""
    verify_other_user: bool = False
    """Verify answers another user's id."""

    # Workspaces

    foreign_read: bool = False
    """An item of another workspace can be read by its id."""
    foreign_written: bool = False
    """An item of another workspace can be changed by its id."""
    foreign_told: bool = False
    """An item of another workspace is 403, so that its existence leaks."""
    list_all_workspaces: bool = False
    """Lists show the items of every workspace."""
    sync_all_workspaces: bool = False
    """Sync shows the changes of every workspace."""
