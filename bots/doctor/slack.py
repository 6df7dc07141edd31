"""Slack: whether it takes the tokens, and whether they allow what the manifest asks for."""

from typing import Any

import httpx

from bots.doctor.findings import Finding, fail, ok
from bots.settings import Settings
from bots.slack.manifest import BOT_SCOPES
from runtime.tls import trust

_PATIENCE = 15.0
_REINSTALL = "Paste `mallard slack manifest` into the app's App Manifest page, and install the app again."


async def examine_slack(settings: Settings) -> tuple[Finding, ...]:
    if settings.slack_bot_token is None:
        return (ok("slack", "not configured"),)
    async with httpx.AsyncClient(verify=trust(), base_url=str(settings.slack_api_url), timeout=_PATIENCE) as client:
        try:
            findings = [*await _examine_bot_token(client, settings.slack_bot_token.get_secret_value())]
            if settings.slack_mode == "socket" and settings.slack_app_token is not None:
                findings.append(await _examine_app_token(client, settings.slack_app_token.get_secret_value()))
        except (httpx.HTTPError, ValueError) as error:
            return (
                fail(
                    "slack", f"{settings.slack_api_url} does not answer ({type(error).__name__}: {error})",
                    "Check this machine's way to the internet, and HTTPS_PROXY.",
                ),
            )  # fmt: skip
    return tuple(findings)


async def _examine_bot_token(client: httpx.AsyncClient, token: str) -> list[Finding]:
    answer, scopes = await _call(client, "auth.test", token)
    if not answer.get("ok"):
        return [
            fail(
                "slack bot token", f"Slack says {answer.get('error')}",
                "Copy the Bot User OAuth Token from OAuth & Permissions into MALLARD_SLACK_BOT_TOKEN.",
            )
        ]  # fmt: skip
    found = [ok("slack bot token", f"{answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})")]
    missing = sorted(set(BOT_SCOPES) - scopes)
    if missing:
        found.append(fail("slack scopes", f"these are missing: {', '.join(missing)}", _REINSTALL))
    else:
        found.append(ok("slack scopes", f"all {len(BOT_SCOPES)} are granted"))
    return found


async def _examine_app_token(client: httpx.AsyncClient, token: str) -> Finding:
    answer, _ = await _call(client, "apps.connections.open", token)
    if answer.get("ok"):
        return ok("slack app token", "Socket Mode opens. Which events it sends only the app's own pages show")
    if answer.get("error") == "not_allowed_token_type":
        return fail("slack app token", "this is no app-level token", _APP_TOKEN)
    if answer.get("error") in {"forbidden_team", "socket_mode_not_enabled"}:
        return fail("slack app token", f"Slack says {answer.get('error')}", _REINSTALL)
    return fail("slack app token", f"Slack says {answer.get('error')}", _APP_TOKEN)


_APP_TOKEN = "Make one under Basic Information → App-Level Tokens with connections:write."  # noqa: S105 -- advice


async def _call(client: httpx.AsyncClient, method: str, token: str) -> tuple[dict[str, Any], set[str]]:
    response = await client.post(method, headers={"Authorization": f"Bearer {token}"})
    scopes = {scope.strip() for scope in response.headers.get("x-oauth-scopes", "").split(",") if scope.strip()}
    answer: dict[str, Any] = response.json()
    return answer, scopes
