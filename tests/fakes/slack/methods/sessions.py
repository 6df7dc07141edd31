"""agents.sessions.* and assistant.threads.*: what an agent shows beside its messages."""

from tests.fakes.slack.arguments import LIST, STRING, TS, Signature
from tests.fakes.slack.blockkit.shapes import array, record, string
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.sessions import SESSION_STATUSES, Prompt, Session, StatusLine
from tests.fakes.slack.stage import Json, Method, Methods, Stage

_UNSUBSCRIBED = "missing_agent_session_stopped_event_subscription"
_CUSTOM = {"username": STRING, "icon_emoji": STRING, "icon_url": STRING}
_PROMPTS = array(record({"title": string(shortest=1), "message": string(shortest=1)}), least=1, most=4)


def set_session_status(stage: Stage, given: Json) -> Json:
    if "thread_ts" not in given:
        raise Breach("invalid_arguments", "thread_ts is required for sessions in threads")
    channel = stage.state.postable(given["channel_id"])
    stage.state.check_thread(channel.id, given["thread_ts"])
    title = given.get("title", "")
    if len(title) > 200:
        raise Breach("invalid_arguments", f"title has {len(title)} characters; 200 are allowed")
    if "initiator_user_id" in given and given["initiator_user_id"] not in channel.members:
        raise Breach("user_not_in_channel", given["initiator_user_id"])
    session = move_session(stage, channel.id, given["thread_ts"], given["status"], title=title)
    answer = {"status": session.status, "agent_status": session.status, "title": session.title}
    if "agent_session_stopped" not in stage.state.subscriptions:
        answer["warning"] = _UNSUBSCRIBED
    return answer


def move_session(stage: Stage, channel: str, thread_ts: str, status: str, *, title: str = "") -> Session:
    """Move a session, which is made when it is not there; a title counts only then."""
    if status not in SESSION_STATUSES:
        raise Breach("invalid_arguments", f"status {status!r} is none of {sorted(SESSION_STATUSES)}")
    session = stage.state.sessions.get((channel, thread_ts))
    if session is None:
        session = Session(channel=channel, thread_ts=thread_ts, status=status, title=title)
        stage.state.sessions[channel, thread_ts] = session
    else:
        session.becomes(status)
    return session


def rename_session(stage: Stage, given: Json) -> Json:
    session = stage.state.sessions.get((given["channel_id"], given.get("thread_ts", "")))
    if session is None:
        raise Refusal("session_not_found", given.get("thread_ts", ""))
    if not 1 <= len(given["title"]) <= 200:
        raise Breach("invalid_arguments", "title must have 1 to 200 characters")
    session.title = given["title"]
    return {"title": session.title}


def set_status_line(stage: Stage, given: Json) -> Json:
    """An empty status is how a line is cleared; a missing one is a mistake."""
    if "status" not in given:
        raise Breach("invalid_arguments", "missing required argument: status")
    channel = stage.state.postable(given["channel_id"])
    stage.state.check_thread(channel.id, given["thread_ts"])
    loading = given.get("loading_messages", [])
    if len(loading) > 10 or not all(isinstance(text, str) and text for text in loading):
        raise Breach("invalid_arguments", "loading_messages: at most 10 non-empty strings")
    line = StatusLine(
        channel=channel.id,
        thread_ts=given["thread_ts"],
        text=given["status"],
        loading_messages=tuple(loading),
        set_at=stage.clock.now(),
    )
    stage.state.status_lines.append(line)
    return {}


def set_suggested_prompts(stage: Stage, given: Json) -> Json:
    channel = stage.state.postable(given["channel_id"])
    if not channel.is_direct:
        raise Breach("channel_type_not_supported", "suggested prompts stand in direct messages")
    problems = list(_PROMPTS(given["prompts"], "/prompts"))
    if problems:
        raise Breach("invalid_arguments", "; ".join(map(str, problems)))
    if "thread_ts" in given:  # Slack says ok and shows nothing; a test should see it
        stage.record.violation(
            "assistant.threads.setSuggestedPrompts", "silent_failure", "thread_ts under agent_view", given
        )
        return {}
    prompts = tuple(Prompt(**prompt) for prompt in given["prompts"])
    stage.state.prompts[channel.id] = (given.get("title", ""), prompts)
    return {}


METHODS: Methods = {
    "agents.sessions.setStatus": Method(
        set_session_status,
        Signature(
            {"channel_id": STRING, "status": STRING},
            {"thread_ts": TS, "title": STRING, "initiator_user_id": STRING, **_CUSTOM},
        ),
        "chat:write",
    ),
    "agents.sessions.rename": Method(
        rename_session, Signature({"channel_id": STRING, "title": STRING}, {"thread_ts": TS}), "chat:write"
    ),
    "assistant.threads.setStatus": Method(
        set_status_line,
        Signature({"channel_id": STRING, "thread_ts": TS}, {"status": STRING, "loading_messages": LIST, **_CUSTOM}),
        "chat:write",
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        set_suggested_prompts,
        Signature({"channel_id": STRING, "prompts": LIST}, {"title": STRING, "thread_ts": TS}),
        "assistant:write",
    ),
}
