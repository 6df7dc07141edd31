"""chat.*Stream: a message that grows while it is written."""

from typing import Any

from tests.fakes.slack import news
from tests.fakes.slack.arguments import LIST, OBJECT, STRING, TS, Signature
from tests.fakes.slack.blockkit.blocks import TASK_CARD
from tests.fakes.slack.blockkit.check import LONGEST_MARKDOWN, LONGEST_MESSAGE, characters_in, problems_in_blocks
from tests.fakes.slack.blockkit.shapes import Problem, anything, array, choice, kind, string, tagged
from tests.fakes.slack.content import Content
from tests.fakes.slack.messages import Message, Stream
from tests.fakes.slack.methods.chat import add_bot_message
from tests.fakes.slack.methods.sessions import move_session
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import BOT
from tests.fakes.slack.wire import message_json
from tests.fakes.slack.wording import check_metadata, refuse

_CHUNKS = array(
    tagged(
        {
            "markdown_text": kind("markdown_text", {"text": string()}),
            "plan_update": kind("plan_update", {"title": string(shortest=1)}),
            "task_update": kind(
                "task_update",
                {
                    "id": string(shortest=1),
                    "title": string(shortest=1),
                    "status": choice("pending", "in_progress", "complete", "error"),
                },
                {"details": string(), "output": string(), "sources": array(anything)},
            ),
            "blocks": kind("blocks", {"blocks": array(anything, least=1)}),
        }
    )
)


def start_stream(stage: Stage, given: Json) -> Json:
    channel = stage.state.postable(given["channel"])
    if not channel.is_direct:
        for name in ("recipient_user_id", "recipient_team_id"):
            if name not in given:
                raise Breach(f"missing_{name}", f"{name} is required outside direct messages")
    if "recipient_user_id" in given:
        stage.state.user(given["recipient_user_id"])
    if given.get("task_display_mode", "plan") not in ("timeline", "plan"):
        raise Breach("invalid_arguments", f"task_display_mode {given['task_display_mode']!r}")
    stage.state.check_thread(channel.id, given["thread_ts"])
    stream = Stream(plan_mode=given.get("task_display_mode") == "plan", touched_at=stage.clock.now())
    _grow(stage, stream, given)
    message = add_bot_message(stage, channel.id, _content(stage, stream), thread_ts=given["thread_ts"], stream=stream)
    return {"channel": channel.id, "ts": message.ts}


def append_stream(stage: Stage, given: Json) -> Json:
    message, stream = _streaming(stage, given)
    if not given.get("markdown_text") and not given.get("chunks"):
        raise Breach("no_text", "markdown_text or chunks is needed")
    _grow(stage, stream, given)
    message.says(_content(stage, stream))
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(stage: Stage, given: Json) -> Json:
    message, stream = _streaming(stage, given)
    blocks = given.get("blocks", [])
    refuse("invalid_blocks", problems_in_blocks(blocks, "message"))
    if given.get("metadata"):
        check_metadata(given["metadata"])
        message.metadata = given["metadata"]
    _grow(stage, stream, given)
    stream.extra_blocks += blocks
    stream.state = "stopped"
    before = message_json(stage.state, message)
    message.says(_content(stage, stream))
    if "session_status" in given:
        move_session(stage, message.channel, message.thread, given["session_status"])
    stage.dispatch.tell_soon(news.about_change(stage.state, message, before, stage.clock.timestamp()))
    return {"channel": message.channel, "ts": message.ts, "message": message_json(stage.state, message)}


def _streaming(stage: Stage, given: Json) -> tuple[Message, Stream]:
    channel = stage.state.channel(given["channel"])
    message = stage.state.message(channel.id, given["ts"])
    if message.user != BOT.id:
        raise Breach("message_not_owned_by_app", message.ts)
    stream = message.stream
    if stream is None:
        raise Breach("message_not_in_streaming_state", f"{message.ts} was never a stream")
    if stream.state == "streaming" and stage.clock.now() - stream.touched_at > stage.state.stream_idle_limit:
        stream.state = "broken"
    if stream.state != "streaming":
        raise Refusal("message_not_in_streaming_state", f"the stream is {stream.state}")
    stream.touched_at = stage.clock.now()
    return message, stream


def _grow(stage: Stage, stream: Stream, given: Json) -> None:
    markdown, chunks = given.get("markdown_text", ""), given.get("chunks", [])
    if markdown and chunks:
        raise Breach("invalid_arguments", "markdown_text and chunks exclude each other")
    problems = list(_CHUNKS(chunks, "/chunks"))
    for index, chunk in enumerate(chunks if not problems else []):
        if chunk["type"] == "blocks":
            problems += problems_in_blocks(chunk["blocks"], "message", at=f"/chunks/{index}/blocks")
    refuse("invalid_chunks", problems)
    if len(markdown) > LONGEST_MARKDOWN:
        raise Breach("msg_too_long", f"{len(markdown)} characters at once")
    grown = stream.markdown + markdown + "".join(c["text"] for c in chunks if c["type"] == "markdown_text")
    if len(grown) > LONGEST_MARKDOWN:
        raise Breach("msg_too_long", f"{len(grown)} characters in the whole stream")
    stream.markdown = grown
    for chunk in chunks:
        match chunk["type"]:
            case "task_update":
                known = stream.tasks.get(chunk["id"], {})
                stream.tasks[chunk["id"]] = {**known, **chunk}
            case "plan_update":
                stream.plan_title = chunk["title"]
            case "blocks":
                stream.extra_blocks += chunk["blocks"]


def _content(stage: Stage, stream: Stream) -> Content:
    tasks = [_task_card(task) for task in stream.tasks.values()]
    if tasks and (stream.plan_mode or stream.plan_title):
        tasks = [{"type": "plan", "title": stream.plan_title or "Working", "tasks": tasks}]
    spoken = [{"type": "markdown", "text": stream.markdown}] if stream.markdown else []
    blocks = [*tasks, *spoken, *stream.extra_blocks]
    if (size := characters_in(blocks)) > LONGEST_MESSAGE:
        raise Breach("msg_blocks_too_long", f"{size} characters in all blocks")
    return Content(fallback=stream.markdown, blocks=stage.state.identified(blocks))


def _task_card(task: Json) -> Json:
    card: dict[str, Any] = {
        "type": "task_card",
        "task_id": task["id"],
        "title": task["title"],
        "status": task["status"],
    }
    for part in ("details", "output"):
        if task.get(part):
            section = {"type": "rich_text_section", "elements": [{"type": "text", "text": task[part]}]}
            card[part] = {"type": "rich_text", "elements": [section]}
    refuse("invalid_chunks", [Problem(p.pointer, p.message) for p in TASK_CARD(card, "/chunks")])
    return card


_GROWTH = {"markdown_text": STRING, "chunks": LIST}
METHODS: Methods = {
    "chat.startStream": Method(
        start_stream,
        Signature(
            {"channel": STRING, "thread_ts": TS},
            {
                **_GROWTH,
                "recipient_user_id": STRING,
                "recipient_team_id": STRING,
                "task_display_mode": STRING,
                "username": STRING,
                "icon_emoji": STRING,
                "icon_url": STRING,
            },
        ),
        "chat:write",
    ),
    "chat.appendStream": Method(append_stream, Signature({"channel": STRING, "ts": TS}, _GROWTH), "chat:write"),
    "chat.stopStream": Method(
        stop_stream,
        Signature(
            {"channel": STRING, "ts": TS}, {**_GROWTH, "blocks": LIST, "metadata": OBJECT, "session_status": STRING}
        ),
        "chat:write",
    ),
}
