"""What the Slack adapter needs to be told, and who its token makes it."""

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from runtime.errors import SettingsError

API = "https://slack.com/api/"

LONGEST_TEXT = 8_000
"""Characters of an answer: what neutralising may add stays below the 12,000 that a Markdown block holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """Two tokens are enough; everything below `api_base_url` is there for tests and odd networks. Times are seconds.

    `name_patience` is how long a card waits for a name: a third of the time in which Slack lets a click open a modal.
    `first_redial` is the wait before a refused connection is tried again; it doubles up to `longest_redial`.
    `status_renewal` must stay below the two minutes after which Slack forgets a status line. `stream_starts`,
    `stream_appends` and `edits` are how many calls a minute the streaming of answers may use; Slack's own limits are
    20, 100 and 50, and cards need some of them. `retry_pause` is how long others of their kind are waited for once Slack
    had to send something again over HTTP.
    """

    bot_token: str = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    mode: Literal["socket", "http"] = "socket"
    api_base_url: str = API
    request_timeout: float = 30.0
    connect_patience: float = 5.0
    stop_patience: float = 5.0
    ping_interval: float = 10.0
    watchdog_interval: float = 10.0
    first_redial: float = 0.5
    longest_redial: float = 30.0
    retry_pause: float = 30.0
    name_patience: float = 1.0
    status_renewal: float = 90.0
    flush_interval: float = 1.0
    stream_starts: int = 18
    stream_appends: int = 90
    edits: int = 36
    download_cap: int = 1_000_000
    text_cap: int = 100_000
    catch_up_days: float = 7.0
    read_retries: int = 3

    def check(self) -> None:
        """Raise SettingsError for what cannot work, before anything is sent."""
        if not self.bot_token.startswith("xoxb-"):
            raise SettingsError("MALLARD_SLACK_BOT_TOKEN must start with xoxb-: copy it from OAuth & Permissions")
        if self.mode == "socket" and not (self.app_token or "").startswith("xapp-"):
            raise SettingsError(
                "MALLARD_SLACK_APP_TOKEN must start with xapp-: make one under Basic Information → App-Level Tokens, "
                "with the scope connections:write"
            )
        if self.mode == "http" and not self.signing_secret:
            raise SettingsError(
                "MALLARD_SLACK_SIGNING_SECRET is missing: HTTP mode needs it to know that a request is Slack's; "
                "copy it from Basic Information → App Credentials"
            )
        if not self.api_base_url.endswith("/"):
            raise SettingsError(f"Slack's API address must end with a slash: {self.api_base_url}/")


class Identity(Struct, frozen=True, kw_only=True):
    """Who we are on Slack, as `auth.test` said at start."""

    team: str
    user: str
    bot: str
    name: str = "mallard"
    url: str = ""
