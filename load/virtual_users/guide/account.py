"""The account of one client: login, logout, tokens, refreshes, and the effect of a failed refresh on each platform."""

from collections.abc import Mapping
from typing import Any

from load.virtual_users.guide.behaviour.shared_refresh import Refreshes
from load.virtual_users.guide.behaviour.token_expiry import expired
from load.virtual_users.guide.exchange import ClientReply, ClientRequest
from load.virtual_users.guide.persona import Persona
from load.virtual_users.guide.token_store import Auth, TokenPair, TokenStore


class ClientAccount:
    """The account of one client and its tokens. Two web clients with the same `store` are two tabs of a browser."""

    def __init__(self, persona: Persona, store: TokenStore, device: str) -> None:
        self.persona, self.device = persona, device
        self.store = store
        self.auth = Auth()
        self.refreshes = Refreshes(shared=persona.shares_refresh)

    def bearer(self) -> Mapping[str, str]:
        """Web takes the token from the Redux store (S:810), mobile from its secure storage (S:1073, S:1190)."""
        tokens = self.auth.tokens if self.persona.platform == "web" else self.store.get()
        return {"authorization": f"Bearer {tokens.access}"} if tokens else {}

    def looks_expired(self, now: float) -> bool:
        """Whether the stored access token looks expired to this client (`isTokenExpired`); False without tokens."""
        tokens = self.store.get()
        decodes = self.persona.profile.decodes_base64url
        return tokens is not None and expired(self.persona.platform, tokens.access, now, base64url=decodes)

    def login_request(self, email: str, password: str) -> ClientRequest:
        self.auth = self.auth.login_start()
        body = {"email": email, "password": password}
        if self.persona.platform != "web":
            body |= {"deviceId": self.device, "platform": self.persona.platform}
        return ClientRequest(operation="login", body=body)

    def logged_in(self, reply: ClientReply | None, now: float) -> bool:
        """Apply the answer to a login. False if this client does not accept it."""
        tokens = TokenPair.of(reply.body) if reply is not None and self._accepts(reply) else None
        if reply is None or tokens is None:
            error = "Failed to fetch" if reply is None else f"Login failed: {reply.status}"
            self.auth = self.auth.login_failure(error)
            return False
        user: Any = reply.body.get("user") or {}
        self.store.put(tokens)
        self.auth = self.auth.login_success(str(user.get("id", "")), tokens, now)
        return True

    def refresh_request(self) -> ClientRequest | None:
        """The refresh request; None without a refresh token (S:743). The web client announces JSON and sends none (F4)."""
        tokens = self.store.get()
        if tokens is None:
            return None
        headers = {"authorization": f"Bearer {tokens.refresh}"}
        if self.persona.platform == "web":
            headers["content-type"] = "application/json"
        return ClientRequest(operation="refreshTokens", headers=headers)

    def refreshed(self, reply: ClientReply | None, now: float) -> bool:
        """Apply the answer to a refresh. On success, store and auth slice have the new pair."""
        tokens = TokenPair.of(reply.body) if reply is not None and self._accepts(reply) else None
        if tokens is None:
            return False
        self.store.put(tokens)
        self.auth = self.auth.set_tokens(tokens, now)
        return True

    def survives(self, reply: ClientReply | None) -> bool:
        """Whether a failed refresh leaves the client logged in."""
        profile = self.persona.profile
        if self.persona.platform == "ios" and not profile.forgets_dead_tokens:
            return True
        refused = reply is not None and reply.status < 500 and reply.status != 429
        return profile.keeps_session_on_lost_refresh and not refused

    def logout_request(self) -> ClientRequest | None:
        """The logout request; None without tokens, or if this client does not send one."""
        if self.persona.platform == "ios" and not self.persona.profile.tells_ios_logout:
            return None
        tokens = self.store.get()
        return (
            ClientRequest(operation="logout", headers={"authorization": f"Bearer {tokens.access}"})
            if tokens
            else None
        )

    def forget(self) -> None:
        self.store.clear()
        self.auth = self.auth.logout()

    def _accepts(self, reply: ClientReply) -> bool:
        return reply.status == 200 if self.persona.strict_200 else reply.ok
