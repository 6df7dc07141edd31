"""Cards: one body from question to end, buttons exactly while something can be decided, and nothing left out."""

import re
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.cards import arguments_of, card_as_file, card_as_text, card_of, closing_of
from runtime.commands import read_command
from runtime.contents import Card
from runtime.records import Approval, ApprovalKind, GrantScope, Requirement, Verdict
from runtime.states import ApprovalStatus, RunStatus
from runtime.tokens import Token, read_token
from tests.runtime.papers import NOON, a_call, a_decision, a_run, an_approval

WAITING = a_run(status=RunStatus.WAITING)
PERMISSION, OUTCOME = ApprovalKind.PERMISSION, ApprovalKind.OUTCOME


def card(approval: Approval | None = None, **changes: Any) -> Card:
    return card_of(approval or an_approval(), WAITING, a_call(**changes), installation="abcdef01")


def verbs(approval: Approval, status: RunStatus = RunStatus.WAITING) -> list[str]:
    made = card_of(approval, a_run(status=status), a_call(), installation="abcdef01")
    return [str(button.verb) for button in made.buttons]


def test_a_card_says_everything_that_is_to_be_judged() -> None:
    made = card(
        an_approval(expires_at=NOON + timedelta(hours=1)),
        arguments={"command": "rm -r build", "times": 2}, why_asked="it deletes", preview="- build/", reason="to clean",
    )  # fmt: skip
    assert made.title == "Approval 4: may I run shell?"
    assert (made.requested_by, made.claim, made.tool) == ("Alice", "to clean", "shell")
    assert [(each.name, each.text) for each in made.arguments] == [("command", "rm -r build"), ("times", "2")]
    assert (made.why_asked, made.preview, made.risk.value) == ("it deletes", "- build/", "high")
    assert (made.deciders, made.workspace) == ("an approver", "default (/srv/files)")
    assert (made.digest, made.requested_at, made.expires_at) == ("ab" * 32, NOON, NOON + timedelta(hours=1))
    assert made.closing == ""


@pytest.mark.promise(10)
@pytest.mark.parametrize("status", [status for status in ApprovalStatus if status is not ApprovalStatus.PENDING])
def test_a_settled_card_is_the_pending_one_with_its_end_and_without_buttons(status: ApprovalStatus) -> None:
    decided = status not in (ApprovalStatus.EXPIRED, ApprovalStatus.WITHDRAWN)
    settled = card(an_approval(status, decision=a_decision() if decided else None))
    assert settled.closing
    assert settled.buttons == ()
    assert replace(settled, status=ApprovalStatus.PENDING, closing="", buttons=card().buttons) == card()


@pytest.mark.parametrize(
    ("kind", "requirement", "expected"),
    [
        (PERMISSION, Requirement.REQUESTER, ["approve", "always", "deny", "change", "show"]),
        (PERMISSION, Requirement.APPROVERS, ["approve", "always", "deny", "change", "show"]),
        (PERMISSION, Requirement.OTHER_APPROVER, ["approve", "deny", "change", "show"]),
        (OUTCOME, Requirement.APPROVERS, ["mark_done", "mark_failed", "retry", "show"]),
        (OUTCOME, Requirement.OTHER_APPROVER, ["mark_done", "mark_failed", "retry", "show"]),
    ],
)
def test_what_a_pending_card_offers(kind: ApprovalKind, requirement: Requirement, expected: list[str]) -> None:
    approval = an_approval(kind=kind, requirement=requirement)
    for status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING):
        assert verbs(approval, status) == expected


@pytest.mark.promise(8)
@pytest.mark.parametrize("status", list(RunStatus))
def test_an_expired_card_offers_to_ask_again_while_its_run_is_expired(status: RunStatus) -> None:
    expected = ["again"] if status is RunStatus.EXPIRED else []
    assert verbs(an_approval(ApprovalStatus.EXPIRED), status) == expected
    assert verbs(an_approval(ApprovalStatus.WITHDRAWN), status) == []


@pytest.mark.parametrize("approval", [an_approval(), an_approval(kind=OUTCOME)])
def test_every_button_carries_this_approval_of_this_installation_and_its_verb(approval: Approval) -> None:
    made = card_of(approval, WAITING, a_call(), installation="abcdef01")
    for button in made.buttons:
        assert read_token(button.token) == Token(installation="abcdef01", approval_id=approval.id, verb=button.verb)
        assert button.label
    assert {str(button.verb): button.style for button in made.buttons if button.style} in (
        {"approve": "primary", "deny": "danger"}, {},
    )  # fmt: skip


@pytest.mark.promise(5)
@pytest.mark.parametrize(
    ("approval", "words"),
    [
        (an_approval(), ""),
        (
            an_approval(ApprovalStatus.APPROVED, decision=a_decision()),
            "Approved by Bob on 2030-05-01 at 12:00 UTC",
        ),
        (
            an_approval(ApprovalStatus.APPROVED, decision=a_decision(by_name="", grant=GrantScope.CONVERSATION)),
            "Approved, always for this conversation by slack:T1/UBOB on 2030-05-01 at 12:00 UTC",
        ),
        (
            an_approval(ApprovalStatus.DENIED, decision=a_decision(Verdict.DENY, comment="not today")),
            "Denied by Bob on 2030-05-01 at 12:00 UTC: not today",
        ),
        (
            an_approval(ApprovalStatus.CHANGES_REQUESTED, decision=a_decision(Verdict.CHANGE, comment="use staging")),
            "Changes requested by Bob on 2030-05-01 at 12:00 UTC: use staging",
        ),
        (
            an_approval(ApprovalStatus.ANSWERED, kind=OUTCOME, decision=a_decision(Verdict.MARK_DONE)),
            "Marked as done by Bob on 2030-05-01 at 12:00 UTC",
        ),
        (
            an_approval(ApprovalStatus.EXPIRED, expires_at=NOON),
            "Expired: nobody decided in time on 2030-05-01 at 12:00 UTC.",
        ),
        (an_approval(ApprovalStatus.WITHDRAWN), "Withdrawn: it is no longer needed."),
    ],
)
def test_how_it_ended_names_who_and_when(approval: Approval, words: str) -> None:
    assert closing_of(approval) == words


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.promise(13)
@given(arguments=st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), json_values, max_size=5))
def test_every_argument_can_be_read_whole(arguments: dict[str, object]) -> None:
    shown = {argument.name: argument.text for argument in arguments_of(arguments)}
    assert list(shown) == list(arguments)
    for name, value in arguments.items():
        assert shown[name] == value if isinstance(value, str) else orjson.loads(shown[name]) == value


@pytest.mark.promise(9)
def test_a_card_as_text_names_every_way_to_decide_it() -> None:
    words = card_as_text(card())
    for written in ("approve 4", "always 4", "deny 4", "change 4: what should be different"):
        assert f"`{written}`" in words
        assert read_command(written) is not None
    assert "show" not in words
    assert "An approver can decide" in words


@pytest.mark.promise(10)
def test_a_settled_card_as_text_offers_nothing_any_more() -> None:
    words = card_as_text(card(an_approval(ApprovalStatus.DENIED, decision=a_decision(Verdict.DENY))))
    assert "Denied by Bob" in words
    assert "`approve 4`" not in words


FORGED = "to: `team@ours.example`\n\n**Policy: this is safe.** An approver can decide; write: `approve 1`\n\n<!channel> \u202e"
IN_A_LINE = FORGED.replace("`", "'").replace("\n", " ⏎ ").replace("\u202e", "\\u202e")


def words_outside_code(line: str) -> str:
    return re.sub("`[^`]*`", "`…`", line)


@pytest.mark.promise(12)
def test_no_name_in_a_card_as_text_passes_for_a_line_of_the_card() -> None:
    made = card(arguments={FORGED: "x", "to": FORGED, "": "", "cc": " "}, why_asked=FORGED, reason=FORGED)
    pending = card_as_text(replace(made, requested_by=FORGED))

    assert [words_outside_code(line) for line in pending.splitlines()] == [
        "**Approval 4: may I run shell?** · run 7",
        "Asked by `…`. Risk: high.",
        "Why you are asked: `…`",
        "The agent says: `…`",
        "- `…`: `…`",
        "- `…`: `…`",
        "- (empty): (empty)",
        "- `…`: (blank)",
        "An approver can decide; write one of: `…` · `…` · `…` · `…`",
    ]
    assert f"- `{' '.join(IN_A_LINE.split())[:79]}…`: `x`" in pending
    assert f"- `to`: `{IN_A_LINE}`" in pending


@pytest.mark.promise(12)
def test_no_name_in_a_settled_card_as_text_passes_for_a_line_of_the_card() -> None:
    settled = card_as_text(replace(card(), title=FORGED, closing=FORGED, deciders=FORGED, buttons=()))

    assert [words_outside_code(line) for line in settled.splitlines()][2:] == [
        "The agent says: `…`", "- `…`: `…`", "`…`",
    ]  # fmt: skip
    assert f"**{IN_A_LINE}** · run 7" in settled
    assert f"`{IN_A_LINE}`" in settled


@pytest.mark.promise(13)
@given(text=st.text(st.characters(codec="utf-8"), max_size=2_000))
def test_a_card_as_text_says_what_it_left_out(text: str) -> None:
    made = card(arguments={"command": text})
    words = card_as_text(made)
    if f"… {len(text.encode())} bytes in all" not in words:
        assert "Not all of it fits" not in words
    else:
        assert made.digest in words


@pytest.mark.promise(13)
def test_a_card_as_a_file_leaves_nothing_out() -> None:
    made = card(arguments={"content": "quack & <b>\n" * 20_000, "path": "pond.txt"}, preview="+ quack\n" * 9_000)
    whole = card_as_file(made)
    for part in (made.title, made.tool, made.workspace, made.digest, made.claim):
        assert part in whole
    for text in (made.preview, *(argument.text for argument in made.arguments)):
        assert text.replace("\n", "\n    ") in whole


@pytest.mark.promise(12)
def test_nothing_in_a_card_as_a_file_is_unseen_or_passes_for_a_part_of_it() -> None:
    forged = f"x\n--- argument: to ---\n\u2028nobody{chr(0xE0141)}"
    made = card(arguments={forged: forged}, preview=forged, reason=forged)
    whole = card_as_file(replace(made, title=forged, tool=forged, workspace=forged))

    in_place = "x ⏎ --- argument: to --- ⏎ \\u2028nobody\\U000e0141"
    at_the_margin = [line for line in whole.splitlines() if line and not line.startswith("    ")]
    assert at_the_margin == [
        f"{in_place} (run 7)",
        f"Tool: {in_place}",
        f"Workspace: {in_place}",
        f"SHA-256 of the whole call: {made.digest}",
        "What others wrote is indented by four spaces, and what cannot be seen is written out, as in \\u200b.",
        "The agent says:",
        f"--- argument: {in_place} ---",
        "--- what it would do ---",
    ]
    assert whole.count("\n    x\n    --- argument: to ---\n    \\u2028nobody\\U000e0141\n") == 3
