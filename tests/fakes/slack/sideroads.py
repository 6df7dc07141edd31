"""The URLs beside the Web API: response URLs, uploads, private downloads."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.fakes.faults import Faults
from tests.fakes.pulse import Pulse
from tests.fakes.slack import news
from tests.fakes.slack.arguments import BOOLEAN, LIST, OBJECT, STRING, TS, Signature
from tests.fakes.slack.breakdowns import under
from tests.fakes.slack.content import Content
from tests.fakes.slack.messages import Message
from tests.fakes.slack.methods.chat import add_bot_message, rewrite
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.triggers import ResponseUrl
from tests.fakes.slack.wire import message_json
from tests.fakes.slack.wording import check_posted, content_of

Json = dict[str, Any]
_RESPONSE = Signature(
    {},
    {
        "text": STRING,
        "blocks": LIST,
        "attachments": LIST,
        "response_type": STRING,
        "replace_original": BOOLEAN,
        "delete_original": BOOLEAN,
        "unfurl_links": BOOLEAN,
        "unfurl_media": BOOLEAN,
        "thread_ts": TS,
        "metadata": OBJECT,
    },
)
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"


class SideRoads:
    def __init__(self, stage: Stage, faults: Faults, pulse: Pulse, *, bot_token: str) -> None:
        self._stage = stage
        self._faults = faults
        self._pulse = pulse
        self._bot_token = bot_token

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """A POST to a response_url. Faults know it as `response_url`."""
        try:
            body = json.loads(await request.text())
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        key = request.match_info["key"]
        return await self._under_faults("response_url", body, request, lambda: self._responded(key, body))

    async def upload(self, request: web.Request) -> web.StreamResponse:
        content = await _uploaded_bytes(request)
        file_id = request.match_info["file"]
        size = {"bytes": len(content)}
        return await self._under_faults("upload", size, request, lambda: self._uploaded(file_id, content))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Without the bearer header Slack shows its sign-in page, with status 200."""
        file_id = request.match_info["file"].rpartition("-")[2]
        allowed = request.headers.get("Authorization") == f"Bearer {self._bot_token}"
        path = {"path": request.path}
        return await self._under_faults("download", path, request, lambda: self._downloaded(file_id, allowed))

    async def _under_faults(
        self, name: str, body: Json, request: web.Request, work: Callable[[], web.Response]
    ) -> web.Response:
        call = self._stage.record.received(name, body, self._stage.clock.now())
        self._pulse.beat()
        return await under(self._faults.hitting(call), request, work)

    def _responded(self, key: str, body: Json) -> web.Response:
        try:
            url = self._stage.state.triggers.use_response_url(key)
            respond(self._stage, url, _RESPONSE.read(body, written=False))
        except Breach as breach:
            self._stage.record.violation("response_url", breach.error, breach.detail, body)
            return web.json_response({"ok": False, "error": breach.error}, status=400)
        except Refusal as refusal:
            return web.json_response({"ok": False, "error": refusal.error}, status=404)
        finally:
            self._pulse.beat()
        return web.Response(text="ok")

    def _uploaded(self, file_id: str, content: bytes) -> web.Response:
        file = self._stage.state.files.get(file_id)
        if file is None or file.content is not None:
            return web.Response(status=404)
        if len(content) != file.expected_length:
            self._stage.record.violation("upload", "length", f"{len(content)} bytes, {file.expected_length} announced")
            return web.Response(status=400)
        file.content = content
        self._pulse.beat()
        return web.Response(text=f"OK - {len(content)}")

    def _downloaded(self, file_id: str, allowed: bool) -> web.Response:
        file = self._stage.state.files.get(file_id)
        if file is None or file.content is None:
            return web.Response(status=404)
        if not allowed or "files:read" not in self._stage.state.scopes:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)


async def _uploaded_bytes(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    for field in form.values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""


def respond(stage: Stage, url: ResponseUrl, given: Json) -> None:
    """What a response does: replace or delete the original, or say something new to the one who asked."""
    original = _original(stage, url)
    if given.get("delete_original"):
        if original is not None:
            _delete(stage, original)
        return
    check_posted(stage, "response_url", given)
    if given.get("replace_original") and original is not None:
        before = message_json(stage.state, original)
        rewrite(stage, original, given)
        stage.dispatch.tell_soon(news.about_change(stage.state, original, before, stage.clock.timestamp()))
        return
    content = content_of(stage, given)
    if content == Content(fallback=""):
        raise Breach("no_text", "text or blocks are needed")
    public = given.get("response_type", "ephemeral") == "in_channel"
    add_bot_message(
        stage,
        url.channel,
        content,
        thread_ts=given.get("thread_ts") or url.thread_ts,
        seen_only_by=None if public else url.user,
    )


def _original(stage: Stage, url: ResponseUrl) -> Message | None:
    return stage.state.find_message(url.channel, url.message_ts) if url.message_ts else None


def _delete(stage: Stage, message: Message) -> None:
    before = message_json(stage.state, message)
    message.deleted = True
    stage.dispatch.tell_soon(news.about_deletion(stage.state, message, before, stage.clock.timestamp()))
