"""ask_person: put a question to the person who asked, and wait for the answer."""

from pydantic import Field, field_validator

from runtime.questions import MOST_OPTIONS
from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.visible import make_all_visible

_LONGEST_OPTION = 75  # what a button shows whole on every platform
_WHOSE = "The agent wrote this question and its options. The agent reads the answer: put no password into it."


class AskPersonArguments(ToolArguments):
    question: str = Field(min_length=1, max_length=2_000, description="One question, in plain words.")
    options: tuple[str, ...] = Field(
        default=(),
        max_length=MOST_OPTIONS,
        description=f"At most {MOST_OPTIONS} short answers to choose from; the person may always use other words.",
    )

    @field_validator("question")
    @classmethod
    def _says_something(cls, question: str) -> str:
        if not question.strip():
            raise ValueError("it must say something")
        return question

    @field_validator("options")
    @classmethod
    def _can_be_told_apart(cls, options: tuple[str, ...]) -> tuple[str, ...]:
        for option in options:
            if option != " ".join(option.split()) or not option or len(option) > _LONGEST_OPTION:
                raise ValueError(
                    f"each must be one line of 1 to {_LONGEST_OPTION} characters, without spaces at its ends"
                )
            if make_all_visible(option) != option:
                raise ValueError("none may hold characters that nobody sees")
        if len({option.casefold() for option in options}) < len(options):
            raise ValueError("no two may be the same")
        return options


class AskPerson:
    name = "ask_person"
    version = "1"
    description = (
        "Ask the person a question and wait for the answer, where you cannot go on without it. "
        "Give options where there are a few likely answers. Never ask for a password or a key."
    )
    effect = Effect.NONE
    arguments = AskPersonArguments
    timeout = 5.0
    output_cap = 20_000

    async def assess(self, arguments: AskPersonArguments, workspace: Workspace) -> Assessment:
        return Assessment(risk=Risk.LOW, why_asked=_WHOSE, is_question=True)

    async def run(self, arguments: AskPersonArguments, scope: ToolScope) -> Observation:
        raise ToolFailed("A question is answered by a person; nothing is run for it.")
