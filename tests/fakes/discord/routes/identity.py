"""Who the token is, and where the gateway is."""

from typing import Any

from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.signatures import OPEN_DIRECT
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.wire import application_json, channel_json, user_json

Json = dict[str, Any]


def me(stage: Stage, asked: Asked) -> Json:
    return user_json(stage.state.bot) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0}


def user(stage: Stage, asked: Asked) -> Json:
    found = stage.state.users.get(asked["user"])
    if found is None:
        raise Refusal(10013, asked["user"])
    return user_json(found)


def application(stage: Stage, asked: Asked) -> Json:
    return application_json(stage.state)


def gateway(stage: Stage, asked: Asked) -> Json:
    return {"url": stage.gateway.url}


def gateway_for_bots(stage: Stage, asked: Asked) -> Json:
    begun = stage.gateway.sessions.begun
    limit = {"total": 1000, "remaining": max(0, 1000 - begun), "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": stage.gateway.url, "shards": 1, "session_start_limit": limit}


def open_direct(stage: Stage, asked: Asked) -> Json:
    """The same channel each time; that they take no messages shows only when one is sent."""
    peer = stage.state.users.get(str(asked.body["recipient_id"]))
    if peer is None:
        raise Refusal(10013)
    return channel_json(stage.state, stage.state.direct_channel(peer.id))


ROUTES: Routes = {
    "GET /users/@me": Route(run=me),
    "GET /users/{user}": Route(run=user),
    "GET /applications/@me": Route(run=application),
    "GET /oauth2/applications/@me": Route(run=application),
    "GET /gateway": Route(run=gateway, needs_token=False),
    "GET /gateway/bot": Route(run=gateway_for_bots),
    "POST /users/@me/channels": Route(run=open_direct, body=OPEN_DIRECT),
}
