"""Everything that the embedded default says. Nothing here is made up: it is fixed words around what tools returned."""

import re

from runtime.models.phrases import FORMS
from runtime.records import DeniedBy, ToolCall
from runtime.transcript import wants_change

NOTICE = (
    "No language model is configured, so I understand the commands in `help` and nothing else. "
    "These two settings configure one (for Ollama on this machine):\n\n"
    "```\nMALLARD_MODEL_BASE_URL=http://localhost:11434/v1\nMALLARD_MODEL_NAME=…\n```"
)
NOT_UNDERSTOOD = "I did not understand that: it is none of the commands that I know."
NOT_RUN = "I ran nothing for this, and can say no more about it."
SAME_AGAIN = (
    "I did not understand the change, so this is the same call again. To change it, write the whole command anew."
)
GREETING = "Hello. I am Mallard, and I work from a short list of commands: `help` shows it."
WELCOME = "You are welcome."
WHO = "I am Mallard. I carry out a short list of commands, and ask before I do anything risky."
FAREWELL = "Goodbye."

SMALL_TALK = {
    "hi": GREETING,
    "hello": GREETING,
    "hey": GREETING,
    "good morning": GREETING,
    "good evening": GREETING,
    "how are you": GREETING,
    "thanks": WELCOME,
    "thank you": WELCOME,
    "who are you": WHO,
    "what are you": WHO,
    "what can you do": "",
    "help": "",
    "bye": FAREWELL,
    "goodbye": FAREWELL,
}


def command_list() -> str:
    return "\n".join(f"- `{form.phrases[0]}` – {form.does}" for form in FORMS)


def small_talk(text: str) -> str | None:
    """The fixed answer to a polite phrase or a cry for help, None where it is neither."""
    found = SMALL_TALK.get(" ".join(re.sub(r"[^a-z ]", "", text[:100].lower()).split()))
    return f"{command_list()}\n\n{NOTICE}" if found == "" else found


def not_understood() -> str:
    return f"{NOT_UNDERSTOOD} These are they:\n\n{command_list()}\n\n{NOTICE}"


def what_came_of(call: ToolCall) -> str:
    """What came of a call, as it is told to people: a denied, failed or skipped call is never told as done."""
    observation = call.observation
    if observation is None:
        return f"{_name(call)} has no result."
    if call.denial is not None:
        return _denied(call)
    if wants_change(call):
        return _change_asked(str(observation.metadata.get("comment") or ""))
    if observation.error == "not_run":
        return f"{_name(call)} was not run. {observation.text}"
    if not observation.ok:
        return f"{_name(call)} did not work.\n\n{fenced(observation.text)}"
    return _done(call, observation.text)


def fenced(text: str) -> str:
    """A code block that its content cannot close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _done(call: ToolCall, text: str) -> str:
    match call.tool:
        case "list_files":
            place = call.arguments.get("path", ".")
            return f"Files in {'the workspace' if place in ('', '.') else _code(place)}:\n\n{fenced(text)}"
        case "read_file":
            return f"{_code(call.arguments.get('path', ''))} says:\n\n{fenced(text)}"
        case "search_files":
            return f"Where {_code(call.arguments.get('text', ''))} stands:\n\n{fenced(text)}"
        case "http_request":
            return f"{_code(call.arguments.get('url', ''))} says:\n\n{fenced(text)}"
        case "shell_exec_safe":
            return f"{_name(call)} was run:\n\n{fenced(text)}"
        case _:
            return f"{_name(call)} was done:\n\n{fenced(text)}"


def _denied(call: ToolCall) -> str:
    denial = call.denial
    if denial is None or denial.by is DeniedBy.POLICY:
        why = f": {denial.reason}" if denial and denial.reason else ""
        return f"{_name(call)} was refused by policy{why}\n\nIt was not run."
    said = f", saying: {denial.reason}" if denial.reason else ""
    return f"{_name(call)} was denied by {denial.who or 'a person'}{said}\n\nIt was not run."


def _change_asked(comment: str) -> str:
    words = f"A change was asked for: {comment}" if comment else "A change was asked for."
    return (
        f"{words}\n\nI cannot work out by myself what that means. Nothing was run. "
        "Write the command as it should be, for example `write FILE: WORDS`."
    )


def _name(call: ToolCall) -> str:
    subject = (
        call.arguments.get("path")
        or call.arguments.get("command")
        or call.arguments.get("text")
        or call.arguments.get("url")
        or ""
    )
    return f"`{call.tool}` {_code(subject)}" if subject else f"`{call.tool}`"


def _code(words: object) -> str:
    """On one line, short, and in backticks that the words cannot close."""
    line = " ".join(str(words).split()).replace("`", "ʼ")  # noqa: RUF001 - looks like what it stands for
    return f"`{line if len(line) <= 100 else line[:99] + '…'}`"
