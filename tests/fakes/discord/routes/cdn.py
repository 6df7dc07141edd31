"""Files as people's links lead to them: without any token, for a day."""

from aiohttp import web

from tests.fakes.discord.signing import is_good
from tests.fakes.discord.stage import Stage

EXPIRED = "This content is no longer available."


def download(stage: Stage, request: web.Request) -> web.Response:
    path = "/cdn/attachments/{channel}/{attachment}/{filename}".format(**request.match_info)
    call = stage.record.received("GET /cdn", dict(request.match_info), stage.clock.now())
    stage.pulse.beat()
    if "Authorization" in request.headers:
        stage.record.violation(call.method, "token", "a token was sent to the CDN", call.arguments)
    file = stage.state.attachments.get(request.match_info["attachment"])
    good = is_good(f"{stage.origin}{path}?{request.query_string}", now=stage.clock.now())
    if file is None or file.gone or not good:
        return web.Response(status=404, text=EXPIRED)
    kind = (file.content_type or "application/octet-stream").split(";")[0]
    return web.Response(body=file.content, content_type=kind)
