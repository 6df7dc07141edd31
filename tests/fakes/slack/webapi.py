"""The Web API over HTTP: authentication, arguments, faults, answers."""

import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.fakes.faults import Faults
from tests.fakes.pulse import Pulse
from tests.fakes.record import Call
from tests.fakes.slack.breakdowns import under
from tests.fakes.slack.methods import access, chat, conversations, files, marks, sessions, streams, views
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Method, Methods, Stage

Json = dict[str, Any]
METHODS: Methods = {
    **access.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **marks.METHODS,
    **sessions.METHODS,
    **streams.METHODS,
    **views.METHODS,
}


class WebApi:
    def __init__(self, stage: Stage, faults: Faults, pulse: Pulse, *, bot_token: str, app_token: str) -> None:
        self._stage = stage
        self._faults = faults
        self._pulse = pulse
        self._bot_token = bot_token
        self._app_token = app_token

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        raw, written, broken = await _arguments(request)
        token = _token(request, raw)
        shown = {key: value for key, value in raw.items() if key != "token"}
        call = self._stage.record.received(name, shown, self._stage.clock.now())
        self._pulse.beat()
        fault = self._faults.hitting(call)
        return await under(fault, request, lambda: self._answered(call, raw, token, written=written, broken=broken))

    def _answered(self, call: Call, raw: Json, token: str | None, *, written: bool, broken: str) -> web.Response:
        body = self._processed(call, raw, token, written=written, broken=broken)
        self._stage.record.answers.append((call, body))
        self._pulse.beat()
        return web.json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(self._stage.state.scopes))})

    def _processed(self, call: Call, raw: Json, token: str | None, *, written: bool, broken: str) -> Json:
        """The answer's body. A breach is recorded besides."""
        try:
            if broken:
                raise Breach(broken, "the body cannot be read")
            method = METHODS.get(call.method)
            if method is None:
                raise Breach("unknown_method", "Slack has no such method, or the loopback does not know it")
            self._check_token(method, token)
            given = method.signature.read(raw, written=written)
            return {"ok": True, **method.run(self._stage, given)}
        except Breach as breach:
            self._stage.record.violation(call.method, breach.error, breach.detail, call.arguments)
            return {"ok": False, "error": breach.error, **breach.extra}
        except Refusal as refusal:
            return {"ok": False, "error": refusal.error, **refusal.extra}

    def _check_token(self, method: Method, token: str | None) -> None:
        if token is None:
            raise Refusal("not_authed")
        if token not in (self._bot_token, self._app_token):
            raise Refusal("invalid_auth")
        if method.app_level != (token == self._app_token):
            raise Breach("not_allowed_token_type", "the app token is for apps.connections.open, and nothing else")
        if method.scope is not None and method.scope not in self._stage.state.scopes:
            provided = ",".join(sorted(self._stage.state.scopes))
            raise Refusal("missing_scope", method.scope, needed=method.scope, provided=provided)


async def _arguments(request: web.Request) -> tuple[Json, bool, str]:
    """What was passed, whether as text, and the error if the body is unreadable."""
    raw, body, kind = dict(request.query), await request.text(), request.content_type
    if not body:
        return raw, True, ""
    if kind == "application/json":
        try:
            parsed = json.loads(body)
        except ValueError:
            return raw, False, "invalid_json"
        return ({**raw, **parsed}, False, "") if isinstance(parsed, dict) else (raw, False, "json_not_object")
    if kind == "application/x-www-form-urlencoded":
        return {**raw, **dict(parse_qsl(body, keep_blank_values=True))}, True, ""
    return raw, True, "invalid_post_type"


def _token(request: web.Request, raw: Json) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer" and token:
        return token
    return str(raw["token"]) if "token" in raw else None
