"""Whether Slack takes our tokens: asked once, at start, with advice where it does not."""

from slack_sdk.errors import SlackApiError

from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, error_code, repeatable
from bots.slack.settings import Identity, SlackSettings
from runtime.errors import PlatformError, SettingsError

_REINSTALL = "reinstall the app under OAuth & Permissions and copy the Bot User OAuth Token"
_ADVICE = {
    "invalid_auth": f"the token is not one of Slack's, or was replaced: {_REINSTALL}",
    "not_authed": f"there is no token: {_REINSTALL}",
    "token_revoked": f"the token was revoked: {_REINSTALL}",
    "token_expired": f"the token has expired: {_REINSTALL}",
    "account_inactive": f"the app was removed from the workspace: {_REINSTALL}",
    "not_allowed_token_type": "a token of another kind stands there: xoxb- is the bot's, xapp- is the app's",
    "missing_scope": "the app token lacks the scope connections:write: make a new one that has it",
    "link_disabled": "Socket Mode is switched off for the app: switch it on under Settings → Socket Mode",
    "app_uninstalled": f"the app is not installed: {_REINSTALL}",
    "apps_connections_open_disabled": "Socket Mode is switched off for the app: switch it on",
}


async def identify(clients: Clients) -> Identity:
    """Who the bot token makes us. Raises SettingsError: without an answer nothing can work."""
    try:
        with repeatable():
            answer = await clients.reads.auth_test()
    except PlatformError as error:
        raise SettingsError(f"MALLARD_SLACK_BOT_TOKEN: {_advice(error)}") from error
    return Identity(
        team=str(answer["team_id"]),
        user=str(answer["user_id"]),
        bot=str(answer.get("bot_id") or ""),
        name=str(answer.get("user") or "mallard"),
        url=str(answer.get("url") or ""),
    )


async def open_ticket(clients: Clients, settings: SlackSettings) -> str:
    """A first address for Socket Mode. Raises SettingsError: a wrong app token never gets better."""
    try:
        with repeatable():
            answer = await clients.reads.apps_connections_open(app_token=settings.app_token or "")
    except PlatformError as error:
        raise SettingsError(f"MALLARD_SLACK_APP_TOKEN: {_advice(error)}") from error
    return str(answer["url"])


def _advice(error: PlatformError) -> str:
    cause = error.__cause__
    while cause is not None and not isinstance(cause, SlackApiError):
        cause = cause.__cause__
    code = error.code if isinstance(error, SlackRefused) else error_code(cause) if cause is not None else ""
    return _ADVICE.get(code, f"{error}. Check the network and Slack's status page, then start again")
