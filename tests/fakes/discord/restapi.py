"""REST over HTTP: tokens, fields, faults, rate limits, answers."""

import re
from typing import Any

from aiohttp import web

from tests.fakes.discord import requests
from tests.fakes.discord.buckets import Buckets
from tests.fakes.discord.refusals import Breach, Refusal, breach, check
from tests.fakes.discord.replies import limited, nothing, reply
from tests.fakes.discord.routes import commands, identity, interactions, messages, places, threads, webhooks
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.troubles import under
from tests.fakes.faults import Faults
from tests.fakes.record import Call

Json = dict[str, Any]
ROUTES: Routes = {
    **commands.ROUTES,
    **identity.ROUTES,
    **interactions.ROUTES,
    **messages.ROUTES,
    **places.ROUTES,
    **threads.ROUTES,
    **webhooks.ROUTES,
}
USER_AGENT = re.compile(r"DiscordBot \(\S+,? \S+\).*")


class RestApi:
    def __init__(self, stage: Stage, faults: Faults, buckets: Buckets, *, token: str) -> None:
        self._stage = stage
        self._faults = faults
        self._buckets = buckets
        self._token = token

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["tail"]
        body, files, broken = await requests.read(request)
        found = requests.matching(request.method, path, ROUTES)
        name, inside = found or (f"{request.method} {path}", {})
        query = dict(request.query)
        arguments = requests.told(inside, query, body, files)
        call = self._stage.record.received(
            name, arguments, self._stage.clock.now(), body=query if body is None else body
        )
        self._stage.pulse.beat()
        asked = Asked(path=inside, query=query, body=body, files=files)
        fault = self._faults.hitting(call)
        return await under(fault, request, lambda: self._answered(request, call, asked, broken))

    def _answered(self, request: web.Request, call: Call, asked: Asked, broken: Breach | None) -> web.Response:
        route = ROUTES.get(call.method)
        counted = route is not None and route.needs_token
        verdict = self._buckets.judge(call.method, route.bucket if route else "", asked.path, counts=counted)
        if verdict.retry_after is not None:
            if verdict.foreseeable:
                self._stage.record.lapse(call.method, "called though its bucket was known to be empty")
            return limited(verdict.retry_after, is_global=verdict.is_global, headers=verdict.headers)
        status, body = self._outcome(request, call, asked, route, broken)
        self._stage.record.answers.append((call, body if isinstance(body, dict) else {"": body}))
        self._stage.record.sent(call.method, body)
        self._stage.pulse.beat()
        return nothing(verdict.headers) if body is None else reply(body, status=status, headers=verdict.headers)

    def _outcome(
        self, request: web.Request, call: Call, asked: Asked, route: Route | None, broken: Breach | None
    ) -> tuple[int, Any]:
        """Status and JSON. A breach is recorded besides."""
        try:
            if route is None:
                raise Breach(code=0, status=404)
            self._check_token(request, call, route)
            if broken is not None:
                raise broken
            return 200, route.run(self._stage, _checked(route, asked))
        except Breach as violation:
            detail = violation.detail or "no such route, or the loopback does not know it"
            self._stage.record.violation(call.method, str(violation.code), detail, call.arguments)
            return violation.status, violation.body
        except Refusal as refusal:
            return refusal.status, refusal.body

    def _check_token(self, request: web.Request, call: Call, route: Route) -> None:
        given = request.headers.get("Authorization")
        if route.needs_token and given != f"Bot {self._token}":
            raise Refusal(0)
        if route.needs_token and not USER_AGENT.fullmatch(request.headers.get("User-Agent", "")):
            self._stage.record.lapse(call.method, "User-Agent must look like DiscordBot (url, version)")


def _checked(route: Route, asked: Asked) -> Asked:
    """The request, unless something about its fields is wrong."""
    for name, value in asked.query.items():
        if name not in route.query or not route.query[name](value):
            raise breach(f"/{name}", f"the query has {name}={value!r:.40}")
    for name, value in asked.path.items():
        if name not in ("token",) and value not in ("@me", "@original") and not re.fullmatch(r"\d{1,20}", value):
            raise breach(f"/{name}", f"{value!r:.40} is no snowflake")
    if route.body is None:
        if asked.body is not None:
            raise breach("", "this route takes no body")
        return asked
    check(route.body(asked.body, ""))
    return asked
