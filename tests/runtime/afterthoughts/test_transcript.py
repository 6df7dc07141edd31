"""A run as its critic reads it: inside its bounds whatever was done, with what failed in it, and without secrets."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.afterthoughts.transcript import LONGEST, transcript
from runtime.masking import Masker
from runtime.records import Observation
from runtime.states import CallState, RunStatus
from tests.runtime.papers import BY_PERSON, a_call, a_run, a_step

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
sizes = st.integers(0, 9_000)


@given(request=sizes, answer=sizes, outputs=st.lists(sizes, max_size=120), arguments=sizes)
def test_it_stays_inside_its_bounds(request: int, answer: int, outputs: list[int], arguments: int) -> None:
    calls = [
        a_call(
            n, CallState.OBSERVED, arguments={"c": "a" * arguments}, observation=Observation(ok=True, text="o" * size)
        )
        for n, size in enumerate(outputs, 1)
    ]
    run = a_run(a_step(*calls), status=RunStatus.COMPLETED, request="r" * request, answer="w" * answer)
    assert len(transcript(run, Masker(), trusted=True)) <= LONGEST


def test_what_failed_and_what_was_denied_stands_in_it() -> None:
    failed = a_call(1, CallState.OBSERVED, observation=Observation(ok=False, text="no such duck", error="exit_1"))
    denied = a_call(2, CallState.OBSERVED, denial=BY_PERSON)
    text = transcript(a_run(a_step(failed, denied), answer="So it was."), Masker(), trusted=True)
    assert 'Call 1: shell {"command":"make"}\n  failed (exit_1): no such duck' in text
    assert "denied by person: not today" in text
    assert "Answer: So it was." in text


def test_no_secret_is_in_it_wherever_it_is_cut() -> None:
    call = a_call(1, CallState.OBSERVED, arguments={"c": "x" * 380 + f" {SECRET}"}, observation=Observation(
        ok=True, text="y" * 580 + f" {SECRET}"
    ))  # fmt: skip
    run = a_run(a_step(call), request="z" * 3_980 + f" {SECRET}", answer=f"{'w' * 3_980} {SECRET}")
    text = transcript(run, Masker(), trusted=True)
    assert not any(SECRET[:length] in text for length in (8, len(SECRET)))
