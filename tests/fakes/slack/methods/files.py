"""files.*: two-step uploads, and what is known of a file."""

import mimetypes

from tests.fakes.slack.arguments import INTEGER, LIST, NAMES, STRING, TS, Signature
from tests.fakes.slack.blockkit.check import problems_in_blocks
from tests.fakes.slack.blockkit.shapes import array, record, string
from tests.fakes.slack.content import Content
from tests.fakes.slack.files import File
from tests.fakes.slack.methods.chat import add_bot_message
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import BOT
from tests.fakes.slack.wording import refuse

_FILES = array(record({"id": string(shortest=1)}, {"title": string(), "highlight_type": string()}), least=1)


def new_file(stage: Stage, name: str, length: int, *, user: str) -> File:
    number = stage.state.number()
    file = File(
        id=f"F{number:08d}",
        name=name,
        title=name,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        user=user,
        created=int(stage.clock.now()),
        origin=stage.origin,
        team=stage.state.users.get(user, BOT).team or BOT.team,
        expected_length=length,
    )
    stage.state.files[file.id] = file
    return file


def upload_url(stage: Stage, given: Json) -> Json:
    if given["length"] <= 0:
        raise Breach("invalid_arguments", "length must be the number of bytes")
    file = new_file(stage, given["filename"], given["length"], user=BOT.id)
    return {"upload_url": f"{stage.origin}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(stage: Stage, given: Json) -> Json:
    problems = list(_FILES(given["files"], "/files"))
    if problems:
        raise Breach("invalid_arguments", "; ".join(map(str, problems)))
    files = [_uploaded(stage, entry) for entry in given["files"]]
    if "blocks" in given and "initial_comment" in given:
        raise Breach("invalid_arguments", "blocks and initial_comment exclude each other")
    targets = [*given.get("channels", []), *([given["channel_id"]] if "channel_id" in given else [])]
    if "thread_ts" in given and len(targets) != 1:
        raise Breach("invalid_arguments", "thread_ts needs exactly one channel")
    for target in targets:
        _share(stage, files, target, given)
    for file in files:
        file.completed = True
    return {"files": [file.as_json() for file in files]}


def _uploaded(stage: Stage, entry: Json) -> File:
    file = stage.state.files.get(entry["id"])
    if file is None or file.content is None:
        raise Breach("file_not_found", f"nothing was uploaded as {entry['id']}")
    if file.completed:
        raise Refusal("file_update_failed", f"{file.id} is complete already")
    file.title = entry.get("title") or file.name
    return file


def _share(stage: Stage, files: list[File], channel_id: str, given: Json) -> None:
    if channel_id[:1] in "UW":
        raise Breach("invalid_channel", "files are shared in channels, not with user ids")
    channel = stage.state.postable(channel_id)
    stage.state.check_thread(channel.id, given.get("thread_ts"))
    blocks = given.get("blocks", [])
    refuse("invalid_blocks", problems_in_blocks(blocks, "message"))
    content = Content(
        fallback=given.get("initial_comment", ""),
        blocks=stage.state.identified(blocks),
        file_names=tuple(file.name for file in files),
    )
    for file in files:
        file.shared_in[channel.id] = channel.kind
    add_bot_message(
        stage, channel.id, content, thread_ts=given.get("thread_ts"), files=list(files), subtype="file_share"
    )


def file_info(stage: Stage, given: Json) -> Json:
    file = stage.state.files.get(given["file"])
    if file is None or file.content is None:
        raise Refusal("file_not_found", given["file"])
    return {"file": file.as_json(), "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS: Methods = {
    "files.getUploadURLExternal": Method(
        upload_url,
        Signature({"filename": STRING, "length": INTEGER}, {"alt_txt": STRING, "snippet_type": STRING}),
        "files:write",
    ),
    "files.completeUploadExternal": Method(
        complete_upload,
        Signature(
            {"files": LIST},
            {"channel_id": STRING, "channels": NAMES, "initial_comment": STRING, "thread_ts": TS, "blocks": LIST},
        ),
        "files:write",
    ),
    "files.info": Method(
        file_info,
        Signature({"file": STRING}, {"count": INTEGER, "page": INTEGER, "cursor": STRING, "limit": INTEGER}),
        "files:read",
    ),
}
