"""How does this workspace behave, where Slack's workspaces differ or a test wants it otherwise?"""

from dataclasses import dataclass, field

# https://docs.slack.dev/reference/scopes
ALL_SCOPES = frozenset({
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.customize",
    "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
    "metadata.message:read", "mpim:read", "reactions:write", "team:read", "usergroups:read", "users:read",
    "users:read.email",
})  # fmt: skip


@dataclass(slots=True)
class Switches:
    """Everything that can be changed at run time.

    Args:
        native_table: Whether the `table` block is known here.
        native_charts: Whether the `data_visualization` block is known here.
        native_data_table: Whether the `data_table` block is known here.
        scopes: What the bot token may do (`chat:write.public` is not among the defaults).
        revoked: Whether the tokens have been revoked.
        burst: How many messages a channel takes at once before one a second is enforced.
        posts_per_second: The rate after the burst; 0 switches the limit off.
        tiers: Whether the per-minute tiers of the other methods are enforced too.
        file_ready_after: Seconds until an uploaded file can be shown.
        retry_after: Seconds before each repetition of an event that was not acknowledged.
        acknowledge_within: Seconds an app has for its acknowledgement.
        connection_lasts: Seconds after which a Socket Mode connection is refreshed.
        token_rotation: Whether tokens that are granted from now on end, and come with a refresh token.
        token_lasts: Seconds until they do.
    """

    native_table: bool = True
    native_charts: bool = True
    native_data_table: bool = True
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    revoked: bool = False
    burst: int = 3
    posts_per_second: float = 1.0
    tiers: bool = False
    file_ready_after: float = 0.0
    retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)
    acknowledge_within: float = 3.0
    connection_lasts: float = 3600.0
    token_rotation: bool = False
    token_lasts: int = 43_200

    @property
    def refused_blocks(self) -> frozenset[str]:
        """Block types that are not known here."""
        known = {
            "table": self.native_table,
            "data_visualization": self.native_charts,
            "data_table": self.native_data_table,
        }
        return frozenset(kind for kind, is_known in known.items() if not is_known)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the app must know to be let in, and to know that it is Slack who calls."""

    bot: str = "xoxb-100000000001-200000000002-sandboxsandboxsandbox123"
    app: str = "xapp-1-A0POOLSTATS-300000000003-5andb0x5andb0x5andb0x5andb0x"
    signing_secret: str = "5a4db0c5a4db0c5a4db0c5a4db0c5a4d"  # noqa: S105 - opens nothing but this stand-in
    client_id: str = "100000000001.400000000004"
    client_secret: str = "c11e5ec2e7c11e5ec2e7c11e5ec2e7c1"  # noqa: S105 - likewise
