"""Short-lived rights: trigger ids (3 seconds, once) and response URLs (30 minutes, five times)."""

import secrets

from msgspec import Struct

from tests.fakes.slack.clock import Clock
from tests.fakes.slack.refusals import Refusal

TRIGGER_LIFETIME = 3.0
RESPONSE_LIFETIME = 30 * 60.0
RESPONSE_USES = 5


class Trigger(Struct, kw_only=True):
    user: str
    view: str | None
    born: float
    used: bool = False


class ResponseUrl(Struct, kw_only=True):
    channel: str
    user: str
    message_ts: str | None
    thread_ts: str | None
    born: float
    uses: int = 0


class Triggers:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}

    def new_trigger(self, user: str, *, view: str | None = None) -> str:
        key = f"{len(self._triggers) + 1}.{secrets.randbelow(10**11)}.{secrets.token_hex(16)}"
        self._triggers[key] = Trigger(user=user, view=view, born=self._clock.now())
        return key

    def exchange(self, key: str) -> Trigger:
        trigger = self._triggers.get(key)
        if trigger is None:
            raise Refusal("invalid_arguments", response_metadata={"messages": ["invalid `trigger_id`"]})
        if trigger.used:
            raise Refusal("exchanged_trigger_id", "a trigger_id opens one view")
        if self._clock.now() - trigger.born > TRIGGER_LIFETIME:
            raise Refusal("expired_trigger_id", "a trigger_id lives for three seconds")
        trigger.used = True
        return trigger

    def new_response_url(
        self, *, channel: str, user: str, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        key = secrets.token_hex(12)
        self._urls[key] = ResponseUrl(
            channel=channel, user=user, message_ts=message_ts, thread_ts=thread_ts, born=self._clock.now()
        )
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        url = self._urls.get(key)
        if url is None:
            raise Refusal("invalid_url")
        if self._clock.now() - url.born > RESPONSE_LIFETIME:
            raise Refusal("expired_url", "a response_url lives for thirty minutes")
        if url.uses >= RESPONSE_USES:
            raise Refusal("used_url", "a response_url can be used five times")
        url.uses += 1
        return url
