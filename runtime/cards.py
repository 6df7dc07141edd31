"""What a card says: one body for pending and settled approvals, made from the record alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
from msgspec.structs import replace

from runtime.contents import VERB_LABELS, Argument, Button, Card
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.policy import DECIDERS
from runtime.questions import option_number, option_verb, options_of, question_of
from runtime.records import (
    Approval,
    ApprovalId,
    ApprovalKind,
    Decision,
    JsonObject,
    Requirement,
    Run,
    ToolCall,
    Verdict,
)
from runtime.showing import shortened, visible
from runtime.states import ApprovalStatus, RunStatus
from runtime.taint import taint_of
from runtime.tokens import Token

_STYLES = {Verdict.APPROVE: "primary", Verdict.DENY: "danger"}
_PLEASE_LOOK = "Please look, then say here what became of it. “Retry” runs it again."
_SAID = {
    Verdict.APPROVE: "Approved",
    Verdict.DENY: "Denied",
    Verdict.CHANGE: "Changes requested",
    Verdict.MARK_DONE: "Marked as done",
    Verdict.MARK_FAILED: "Marked as failed",
    Verdict.RETRY: "To be run again, as decided",
    Verdict.ANSWER: "Answered",
}


def card_of(
    approval: Approval,
    run: Run,
    call: ToolCall,
    *,
    installation: str,
    masker: Masker = NOTHING_OF_OURS,
    reveal: bool = False,
) -> Card:
    """The card of an approval as it stands, with secrets masked. Pure.

    `reveal` shows them, for one who may decide and wants to see everything: but never the values of our own settings.
    """
    asks_outcome = approval.kind is ApprovalKind.OUTCOME  # then what stands in for the preview says what happened
    mask = masker.mask_ours if reveal else masker.mask
    mask_value = masker.mask_value_of_ours if reveal else masker.mask_value
    says_taint = call.sends_out and approval.kind is ApprovalKind.PERMISSION
    taint = taint_of(run, before=call.id, mask=mask) if says_taint else ""
    preview, why_asked = mask(call.preview), mask(call.why_asked)
    shown = replace(call, arguments=mask_value(call.arguments))
    return Card(
        approval_id=approval.id,
        run_id=run.id,
        kind=approval.kind,
        status=approval.status,
        title=_title(approval, call),
        requested_by=run.author_name or str(run.asked_by),
        claim=mask(call.reason),
        tool=call.tool,
        arguments=_asked_of(shown) if approval.kind is ApprovalKind.QUESTION else arguments_of(shown.arguments),
        preview="" if asks_outcome else preview,
        why_asked=f"{preview} {_PLEASE_LOOK}" if asks_outcome else f"{why_asked} {taint}".strip(),
        risk=call.risk,
        requirement=approval.requirement,
        deciders=DECIDERS[approval.requirement],
        workspace=f"{run.workspace.id} ({run.workspace.path})",
        digest=call.digest,
        requested_at=approval.requested_at,
        expires_at=approval.expires_at,
        closing=mask(closing_of(approval)),
        buttons=tuple(_buttons(approval, run, shown, installation, each_time=bool(taint) or call.each_time)),
    )


def arguments_of(arguments: JsonObject) -> tuple[Argument, ...]:
    """Every argument as text, whole: a string as it is, anything else as JSON."""
    return tuple(
        Argument(name=name, text=value if isinstance(value, str) else orjson.dumps(value).decode())
        for name, value in arguments.items()
    )


def _asked_of(call: ToolCall) -> tuple[Argument, ...]:
    """A question and its options, each by itself: they are the agent's words."""
    options = enumerate(options_of(call), start=1)
    question = Argument(name="the agent asks", text=question_of(call))
    return (question, *(Argument(name=f"option {number}", text=option) for number, option in options))


def closing_of(approval: Approval) -> str:
    """How it ended, who decided and when; "" while it is pending."""
    decision = approval.decision
    if decision is not None:
        return _decided(decision)
    match approval.status:
        case ApprovalStatus.EXPIRED:
            return f"Expired: nobody decided in time{_on(approval.expires_at)}."
        case ApprovalStatus.WITHDRAWN:
            return "Withdrawn: it is no longer needed."
        case _:
            return ""


def card_as_text(card: Card) -> str:
    """The card in Markdown, for where cards cannot be posted; decided by typing. What is shortened says so.

    Whatever is not in code stands in one line, and is ours.
    """
    lines = [
        f"**{_plain(card.title)}** · run {card.run_id}",
        f"Asked by {_named(card.requested_by)}. Risk: {card.risk}.",
    ]
    lines += [f"Why you are asked: {_inline(card.why_asked, _REASON)}"] if card.why_asked else []
    lines += [f"The agent says: {_inline(card.claim)}"] if card.claim else []
    lines += [f"- {_named(argument.name)}: {_inline(argument.text)}" for argument in card.arguments[:_MOST_INLINE]]
    if not fits_in_text(card):
        lines.append(f"Not all of it fits here. SHA-256 of the whole call: `{card.digest}`")
    if card.closing:
        lines.append(_inline(card.closing, _REASON))
    verbs = " · ".join(f"`{_typed(button, card)}`" for button in card.buttons if button.verb != "show")
    if verbs and not card.closing:
        lines.append(f"{_plain(card.deciders).capitalize()} can decide; write one of: {verbs}")
    elif verbs:
        lines.append(f"Write {verbs} to be asked again.")
    return "\n".join(lines)


def _typed(button: Button, card: Card) -> str:
    if option_number(button.verb):
        return f"{Verdict.ANSWER} {card.approval_id}: {_plain(button.label)}"
    return f"{button.verb} {card.approval_id}{_TYPED_WORDS.get(button.verb, '')}"


_TYPED_WORDS = {Verdict.CHANGE.value: ": what should be different", Verdict.ANSWER.value: ": your own words"}


def fits_in_text(card: Card) -> bool:
    """Whether `card_as_text` shows every argument whole."""
    return not card.preview and (
        len(card.arguments) <= _MOST_INLINE
        and all(len(_plain(argument.text)) <= _INLINE for argument in card.arguments)
    )


def card_as_file(card: Card) -> str:
    """Everything that is to be judged, whole and visible. What others wrote is indented, or in the place of a name."""
    tool, workspace = _in_a_line(card.tool), _in_a_line(card.workspace)
    parts = [
        f"{_in_a_line(card.title)} (run {card.run_id})",
        f"Tool: {tool}\nWorkspace: {workspace}\nSHA-256 of the whole call: {card.digest}",
        _HOW_IT_IS_WRITTEN,
        f"The agent says:\n{_indented(card.claim)}",
        *(f"--- argument: {_in_a_line(argument.name)} ---\n{_indented(argument.text)}" for argument in card.arguments),
        *([f"--- what it would do ---\n{_indented(card.preview)}"] if card.preview else []),
    ]
    return "\n\n".join(parts) + "\n"


_HOW_IT_IS_WRITTEN = (
    "What others wrote is indented by four spaces, and what cannot be seen is written out, as in \\u200b."
)


def _indented(text: str) -> str:
    return "    " + visible(text).replace("\n", "\n    ")


def _in_a_line(text: str) -> str:
    return visible(text).replace("\n", " ⏎ ")


_INLINE, _REASON, _NAME = 400, 1_000, 80
_MOST_INLINE = 8


def _inline(text: str, limit: int = _INLINE) -> str:
    plain = _plain(text)
    return _code(plain) if len(plain) <= limit else f"{_code(plain[:limit])} … {len(text.encode())} bytes in all"


def _named(name: str) -> str:
    return _code(shortened(_plain(name), _NAME))


def _code(plain: str) -> str:
    """Two backticks with nothing between them would open code that ends in another line."""
    if not plain.strip():
        return "(blank)" if plain else "(empty)"
    return f"`{plain}`"


def _plain(text: str) -> str:
    return _in_a_line(text).replace("`", "'")


def _title(approval: Approval, call: ToolCall) -> str:
    match approval.kind:
        case ApprovalKind.PERMISSION:
            return f"Approval {approval.id}: may I run {call.tool}?"
        case ApprovalKind.OUTCOME:
            return f"Approval {approval.id}: did {call.tool} take effect?"
        case ApprovalKind.QUESTION:
            return f"Approval {approval.id}: the agent asks a question"


def _buttons(approval: Approval, run: Run, call: ToolCall, installation: str, *, each_time: bool) -> Iterator[Button]:
    labels = VERB_LABELS | {option_verb(number): option for number, option in enumerate(options_of(call), start=1)}
    for verb in _verbs(approval, run, call, each_time=each_time):
        yield _button(verb, labels[verb], approval.id, installation)


def _verbs(approval: Approval, run: Run, call: ToolCall, *, each_time: bool) -> Sequence[str]:
    if approval.status is ApprovalStatus.EXPIRED and run.status is RunStatus.EXPIRED:
        return ("again",)
    if approval.status is not ApprovalStatus.PENDING:
        return ()
    if approval.kind is ApprovalKind.OUTCOME:
        return (Verdict.MARK_DONE, Verdict.MARK_FAILED, Verdict.RETRY, "show")
    if approval.kind is ApprovalKind.QUESTION:
        return (*map(option_verb, range(1, len(options_of(call)) + 1)), Verdict.ANSWER, "show")
    # What must be asked each time, or of a second person, cannot be allowed for good.
    always = () if each_time or approval.requirement is Requirement.OTHER_APPROVER else ("always",)
    return (Verdict.APPROVE, *always, Verdict.DENY, Verdict.CHANGE, "show")


def _button(verb: str, label: str, approval_id: ApprovalId, installation: str) -> Button:
    token = Token(installation=installation, approval_id=approval_id, verb=verb)
    return Button(verb=verb, label=label, token=str(token), style=_STYLES.get(verb, ""))  # type: ignore[call-overload]  # verbs beyond verdicts have no style


def _decided(decision: Decision) -> str:
    who = decision.by_name or str(decision.by)
    always = f", always for this {decision.grant}" if decision.grant else ""
    said = f": {decision.comment}" if decision.comment else ""
    return f"{_SAID[decision.verdict]}{always} by {who}{_on(decision.at)}{said}"


def _on(at: datetime | None) -> str:
    return f" on {at:%Y-%m-%d at %H:%M} UTC" if at else ""
