"""Questions: what may be asked, what the buttons carry, and what a person's words become."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runtime.agent import Outcome
from runtime.cards import card_as_text
from runtime.commands import Decide, read_command
from runtime.questions import option_number, option_verb
from runtime.records import ApprovalId, ApprovalKind, Requirement
from runtime.rules import Rule, Then
from runtime.states import ApprovalStatus, RunStatus
from runtime.tokens import Token, read_token
from runtime.tools.ask_person import AskPerson
from runtime.tools.registry import Registry
from tests.fakes.scripted import call, directive, plans
from tests.runtime.masking.samples import SECRETS
from tests.runtime.stage import ALICE, BOB, MALLORY, POND, Stage, at_work, open_stage

ASK = directive(call("ask_person", question="Which pond?", options=["Big", "Small"]))
REGISTRY = Registry([AskPerson()])
TOKEN = SECRETS["Stripe"]

WRONG: dict[str, dict[str, Any]] = {
    "nothing asked": {"question": " \n"},
    "too many options": {"question": "?", "options": list("abcdef")},
    "an empty option": {"question": "?", "options": [""]},
    "an option over two lines": {"question": "?", "options": ["a\nb"]},
    "an option that no button holds": {"question": "?", "options": ["x" * 76]},
    "an option that hides something": {"question": "?", "options": ["yes\u202e"]},
    "an option of nothing but a joiner": {"question": "?", "options": ["\u200d"]},
    "two options that look alike": {"question": "?", "options": ["Yes", "yes"]},
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened, at_work(opened):
        yield opened


async def asked(stage: Stage) -> None:
    stage.says = plans(ASK)
    await stage.says_to_mallard("clean a pond")
    await stage.run(1, RunStatus.WAITING)


@pytest.mark.parametrize("what", WRONG)
def test_what_people_could_not_judge_is_not_asked(what: str) -> None:
    assert isinstance(REGISTRY.parse("ask_person", WRONG[what]), tuple)


def test_a_verb_says_which_option_and_comes_back_from_a_token() -> None:
    verbs = [option_verb(number) for number in range(1, 6)]
    tokens = [str(Token(installation="0123abcd", approval_id=ApprovalId(7), verb=verb)) for verb in verbs]

    read = [read_token(token) for token in tokens]

    assert [token and option_number(token.verb) for token in read] == [1, 2, 3, 4, 5]
    assert option_number("answer") == option_number("answer_0") == option_number("answer_12") == 0


async def test_the_words_of_an_option_come_from_the_record(stage: Stage) -> None:
    await asked(stage)
    token = stage.door.token_of(ApprovalId(1), "answer_2")

    settled = await stage.door.click(token, by=ALICE, by_name="alice", where=POND, comment="Big")

    assert settled.outcome is Outcome.DECIDED
    decision = stage.store.find_approval(ApprovalId(1)).decision  # type: ignore[union-attr]  # it was just settled
    assert decision is not None
    assert decision.comment == "Small"


@pytest.mark.promise(7)
async def test_a_stranger_answers_nothing_and_leaves_a_trace(stage: Stage) -> None:
    await asked(stage)

    words = await stage.press("answer_1", by=MALLORY)

    assert words.startswith("Only the requester or an approver can decide this")
    assert stage.store.find_approval(ApprovalId(1)).status is ApprovalStatus.PENDING  # type: ignore[union-attr]
    assert [event.type for event in stage.store.load_events(stage.run_now().id)].count("approval_refused") == 1


async def test_an_answer_of_blanks_is_none(stage: Stage) -> None:
    await asked(stage)
    token = stage.door.token_of(ApprovalId(1), "answer")

    settled = await stage.door.click(token, by=ALICE, by_name="alice", where=POND, comment=" \n")

    assert settled.outcome is Outcome.NOT_POSSIBLE
    assert "`answer 1: …`" in settled.words


@pytest.mark.promise(22)
async def test_the_first_answer_wins_and_the_second_is_told(stage: Stage) -> None:
    await asked(stage)

    first = await stage.press("answer_1", by=ALICE)
    token = stage.door.token_of(ApprovalId(1), "answer_2")
    late = await stage.door.click(token, by=BOB, by_name="bob", where=POND)

    assert first.startswith("Answered by UALICE")
    assert late.words.startswith("This was settled before you: Answered by UALICE")
    assert (await stage.run(1, RunStatus.COMPLETED)).answer == "Done."


async def test_a_question_says_whose_words_it_is_and_who_may_answer(stage: Stage) -> None:
    await asked(stage)
    card = await stage.store_card(1)

    assert (card.kind, card.requirement) == (ApprovalKind.QUESTION, Requirement.REQUESTER)
    assert card.title == "Approval 1: the agent asks a question"
    assert "The agent wrote this question" in card.why_asked
    assert [(each.name, each.text) for each in card.arguments] == [
        ("the agent asks", "Which pond?"),
        ("option 1", "Big"),
        ("option 2", "Small"),
    ]
    assert [button.label for button in card.buttons] == ["Big", "Small", "Answer…", "Show everything"]


async def test_as_text_it_can_be_answered_by_typing(stage: Stage) -> None:
    await asked(stage)

    text = card_as_text(await stage.store_card(1))

    assert "write one of: `answer 1: Big` · `answer 1: Small` · `answer 1: your own words`" in text


@pytest.mark.parametrize(
    ("said", "comment"),
    [("answer 4: the big one", "the big one"), ("Answer #4: a\nb", "a\nb"), ("answer 4: 2", "2")],
)
def test_an_answer_is_typed_with_number_and_colon(said: str, comment: str) -> None:
    assert read_command(said) == Decide(verb="answer", number=4, comment=comment)


@pytest.mark.parametrize("said", ["answer", "answer 4", "answer 4:", "Answer 4!"])
def test_an_answer_without_words_decides_nothing(said: str) -> None:
    assert read_command(said) == Decide(verb="answer", number=None)


@pytest.mark.parametrize("said", ["answer 4 questions", "answer me: why?", "answer 4:3 or 16:9", "answers 4: a"])
def test_what_only_begins_like_an_answer_is_a_request(said: str) -> None:
    assert read_command(said) is None


async def test_a_rule_that_denies_the_tool_lets_no_question_through(tmp_path: Path) -> None:
    rules = (Rule(then=Then.DENY, tools=("ask_*",), why="No questions."),)
    async with open_stage(tmp_path, rules=rules) as stage, at_work(stage):
        stage.says = plans(ASK)
        await stage.says_to_mallard("clean a pond")

        (denied,) = (await stage.run(1, RunStatus.COMPLETED)).steps[0].calls
        assert denied.denial is not None
        assert denied.denial.reason == "No questions."
        assert stage.store.list_pending() == ()


@pytest.mark.promise(12)
async def test_a_question_and_its_buttons_show_no_secret(stage: Stage) -> None:
    stage.says = plans(directive(call("ask_person", question=f"Is {TOKEN} right?", options=[f"Use {TOKEN}", "No"])))
    await stage.says_to_mallard("use a key")
    await stage.run(1, RunStatus.WAITING)

    card = await stage.store_card(1)
    assert TOKEN not in card_as_text(card) + "".join(each.text for each in card.arguments)
    labels = [button.label for button in card.buttons]
    assert labels[0].startswith("Use •••••••")
    assert TOKEN not in "".join(labels)


@pytest.mark.promise(13)
async def test_whoever_may_answer_a_question_can_read_all_of_it(stage: Stage) -> None:
    question = f"Is {TOKEN} right?{' Think.' * 200}"
    stage.says = plans(directive(call("ask_person", question=question)))
    await stage.says_to_mallard("use a key")
    await stage.run(1, RunStatus.WAITING)
    token = stage.door.token_of(ApprovalId(1), "show")

    whole = await stage.door.read_card(token, by=ALICE)

    assert whole is not None
    assert whole.arguments[0].text == question
    assert await stage.door.read_card(token, by=MALLORY) is None
