"""Who somebody is and what they may see: tokens, rotation, sessions, permissions, workspaces, secrets."""

from __future__ import annotations

from functools import partial

from mock_server.faults import entry
from mock_server.faults.fault import Given

_rule = partial(entry.rule, "auth")

TOKENS = (
    _rule("signature-unchecked", "RFC 8725 3.1", "A token with a wrong signature passes.", "tokens.forged", "",
          token_signature_checked=False),
    _rule("alg-none", "RFC 8725 3.1", "A token with `alg: none` passes.", "tokens.forged", "", token_none_taken=True),
    _rule("expiry-unchecked", "RFC 7519 4.1.4", "Expired tokens pass.", "auth.expiry", "", token_leeway=10**9),
    _rule("expiry-leeway", "R8", "Tokens pass for some seconds after `exp`.", "auth.expiry", "",
          given={"seconds": 30}, token_leeway=Given("seconds")),
    _rule("expiry-at-exp", "F6", "A token passes in the second of its `exp`.", "auth.expiry", "",
          token_leeway=1),
    _rule("refresh-as-access", "R5", "A refresh token opens the API.", "auth.types-not-interchangeable", "", access_from_refresh=True),
    _rule("access-as-refresh", "R5", "An access token refreshes.", "auth.types-not-interchangeable", "refreshTokens",
          refresh_from_access=True),
    _rule("token-base64url", "F6", "The payload has `-` or `_`, which the guide's clients cannot decode.",
          "auth.token-payload-ascii", "tokens", token_plain_base64=False),
    _rule("access-lives-shorter", "R7", "An access token ends before `expiresIn` says so.", "auth.expires-in",
          "tokens", access_life_scale=0.5),
    _rule("expires-in-millis", "R4", "`expiresIn` is in milliseconds.", "auth.expires-in", "tokens",
          expires_in_scale=1000),
    _rule("anonymous-allowed", "S:29", "A call without a token passes.", "tokens.required-everywhere", "",
          token_needed=False),
    _rule("undefined-allowed", "S:1810", "`Bearer undefined` passes.", "tokens.forged", "",
          undefined_taken=True),
    _rule("scheme-unchecked", "RFC 6750 2.1", "A token passes under the scheme Basic.", "tokens.header-forms", "",
          scheme_checked=False),
    _rule("scheme-case-sensitive", "RFC 9110 11.1", "`bearer` is refused.", "tokens.header-forms", "", scheme_any_case=False),
    _rule("challenge-error-always", "R24", "A missing token is called an invalid one.", "shape.problems", "",
          challenge_error_always=True),
    _rule("expired-not-told", "R24", "An expired token is TOKEN_INVALID.", "auth.expired-everywhere", "", expired_told=False),
    _rule("permission-unchecked", "OWASP API5", "Nobody's permissions are checked.", "permissions.matrix", "",
          permission_checked=False),
    _rule("bulk-permission-unchecked", "R23", "Bulk publishes and archives without the permission.",
          "bulk.permissions", "bulkUpdateContent", bulk_permission_checked=False),
    _rule("token-in-error", "EvoMaster F309", "A refused token is repeated in the answer.", "shape.secrets", "",
          token_in_error=True),
    _rule("token-in-log", "R11", "Tokens are written to the log.", "auth.log-secrets", "", token_in_log=True),
    _rule("password-in-error", "OWASP API8", "An invalid login repeats the password.", "shape.secrets", "login",
          password_in_error=True),
)  # fmt: skip

SESSIONS = (
    _rule("refresh-not-rotated", "R6", "Refresh answers the same refresh token.", "auth.refresh-rotates",
          "refreshTokens", refresh_rotates=False),
    _rule("reuse-accepted", "R6", "A retired refresh token still works after its grace.", "auth.refresh-reuse-revokes-family",
          "refreshTokens", refresh_reuse_refused=False),
    _rule("reuse-spares-family", "RFC 9700 4.14.2", "Reuse does not end the session.", "auth.refresh-reuse-revokes-family",
          "refreshTokens", refresh_reuse_revokes=False),
    _rule("grace-missing", "R6", "There is no grace: a second tab's refresh ends the session.",
          "auth.refresh-grace-same-pair", "refreshTokens", refresh_grace=0),
    _rule("grace-endless", "R6", "The grace of a retired refresh token never ends.", "auth.refresh-grace-ends",
          "refreshTokens", refresh_grace=10**9),
    _rule("grace-second-pair", "R6", "Within the grace each refresh answers another pair.", "auth.refresh-grace-same-pair",
          "refreshTokens", refresh_grace_same_pair=False),
    _rule("logout-keeps-access", "F4", "An access token outlives the logout.", "auth.logout-ends-session", "",
          ended_access_refused=False),
    _rule("logout-keeps-refresh", "F4", "A refresh token outlives the logout.", "auth.logout-ends-session", "refreshTokens",
          ended_refresh_refused=False),
    _rule("logout-ends-all", "R13", "A logout ends every session of the account.", "auth.logout-ends-session",
          "logout", logout_ends_all=True),
    _rule("throttle-missing", "R32", "Logins may fail without end.", "auth.login-throttled", "login", login_throttled=False),
    _rule("throttle-spares-correct", "R32", "The right password passes a throttled account.", "auth.login-throttled",
          "login", login_throttle_spares_correct=True),
    _rule("password-unchecked", "S:785", "Any password logs in.", "auth.login-refused-alike", "login",
          login_password_checked=False),
    _rule("account-told", "openapi", "A login tells unknown accounts from wrong passwords.", "auth.login-refused-alike",
          "login", login_account_told=True),
    _rule("email-case-sensitive", "openapi", "The case of the e-mail address matters.", "auth.login-email-case", "login",
          login_email_folded=False),
    _rule("device-keeps-session", "openapi", "A login on a device leaves its old session open.",
          "auth.one-session-a-device", "login", login_device_replaces=False),
    _rule("verify-expiry-early", "openapi", "verify's expiresAt is a minute early.", "auth.verify", "verifyToken",
          verify_shortens=60),
    _rule("verify-other-user", "openapi", "Verify answers another user's id.", "auth.verify", "verifyToken",
          verify_other_user=True),
)  # fmt: skip

WORKSPACES = (
    _rule("foreign-read", "OWASP API1", "An item of another workspace can be read.", "isolation.by-id",
          "getContentItem getContentVersions", foreign_read=True),
    _rule("foreign-written", "OWASP API1", "An item of another workspace can be changed.", "isolation.by-id",
          "updateContentItem publishContent archiveContent revertContentVersion", foreign_written=True),
    _rule("foreign-told", "R22", "An item of another workspace is 403, not 404.", "isolation.by-id", "",
          foreign_told=True),
    _rule("list-all-workspaces", "OWASP API1", "Lists show every workspace.", "isolation.lists", "getContentItems",
          list_all_workspaces=True),
    _rule("sync-all-workspaces", "OWASP API1", "Sync shows every workspace.", "isolation.lists", "syncContent",
          sync_all_workspaces=True),
    _rule("mass-assignment", "OWASP API3", "A create sets members that are the server's.", "items.server-fields-refused",
          "createContentItem", mass_assignment=True),
)  # fmt: skip

AUTH = TOKENS + SESSIONS + WORKSPACES
