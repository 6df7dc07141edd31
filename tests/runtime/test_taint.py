"""After a run has read what nobody here vouches for, whatever could carry data out asks: each time, and says why."""

from typing import Any

import pytest

from runtime.cards import card_of
from runtime.intents import recorded
from runtime.masking import Masker
from runtime.records import Attachment, Effect, GrantScope, Observation, Run
from runtime.states import CallState
from runtime.taint import reads_own_file, taint_of
from tests.runtime.masking.samples import SECRETS
from tests.runtime.papers import BY_PERSON, a_call, a_run, a_step, an_approval
from tests.runtime.people import POLICY, grant
from tests.runtime.stage import BOB

OBSERVED = CallState.OBSERVED
TOKEN = SECRETS["GitHub"]


def fetched(number: int = 1, state: CallState = OBSERVED, **changes: Any) -> Any:
    given: dict[str, Any] = {"tool": "fetch", "arguments": {"url": "http://example.org/a"}, "reads_untrusted": True}
    return a_call(number, state=state, **(given | changes))


NOT_RUN = Observation(ok=False, text="This call was not run.", error="not_run")
FAILED = Observation(ok=False, text="<h1>404</h1>", error="status")


@pytest.mark.parametrize(
    ("run", "tainted"),
    [
        (a_run(), False),
        (a_run(a_step(a_call(1, OBSERVED))), False),
        (a_run(a_step(fetched())), True),
        (a_run(a_step(fetched(observation=FAILED))), True),  # also what a failure says is theirs
        (a_run(a_step(fetched(state=CallState.STARTED))), True),
        (a_run(a_step(fetched(state=CallState.OUTCOME_UNKNOWN))), True),
        (a_run(a_step(fetched(state=CallState.READY))), False),
        (a_run(a_step(fetched(state=CallState.AWAITING_APPROVAL))), False),
        (a_run(a_step(fetched(observation=NOT_RUN))), False),
        (a_run(a_step(fetched(denial=BY_PERSON))), False),
        (a_run(a_step(fetched()), a_step(a_call(2, OBSERVED))), True),
        (a_run(attachments=(Attachment(name="a.txt", media_type="text/plain", size=1, text="x"),)), True),
        (a_run(attachments=(Attachment(name="a.png", media_type="image/png", size=1, note="an image"),)), False),
    ],
)
def test_what_a_run_may_have_read_is_on_its_record(run: Run, tainted: bool) -> None:
    assert bool(taint_of(run)) is tainted


def test_it_is_said_what_was_read_and_only_what_came_before_a_call_counts() -> None:
    steps = [
        a_step(fetched(number, arguments={"url": f"http://x.org/{number}"}), number=number) for number in range(1, 6)
    ]
    run = a_run(*steps)
    assert taint_of(run) == (
        "This run has read text that nobody here vouches for (fetch http://x.org/1, fetch http://x.org/2, "
        "fetch http://x.org/3 and 2 more), and this call could send data out."
    )
    assert "(fetch http://x.org/1)" in taint_of(run, before=steps[1].calls[0].id)
    assert taint_of(run, before=steps[0].calls[0].id) == ""


@pytest.mark.promise(39)
def test_a_secret_in_what_was_read_is_masked_before_it_is_cut() -> None:
    address = f"http://x.org/{'a' * 20}?key={TOKEN}"
    file = Attachment(name=f"{'a' * 30} {TOKEN}", media_type="text/plain", size=1, text="x")
    sender = a_call(2, CallState.AWAITING_APPROVAL, sends_out=True)
    run = a_run(a_step(fetched(arguments={"url": address})), a_step(sender, number=2), attachments=(file,))

    cards = [card_of(an_approval(), run, sender, installation="abcdef01", reveal=reveal) for reveal in (False, True)]

    assert not any(TOKEN[:12] in words for words in (taint_of(run), cards[0].why_asked))
    assert "x.org/aaaaaaaaaaaaaaaaaaaa?key=•••••••" in cards[0].why_asked
    assert TOKEN[:12] in cards[1].why_asked


@pytest.mark.promise(39)
def test_a_value_of_our_own_in_what_was_read_is_masked_before_it_is_cut() -> None:
    ours = Masker({"MALLARD_MODEL_API_KEY": "house-key-0042-zx91kq7vb3"})
    address = f"http://x.org/{'a' * 33}?key=house-key-0042-zx91kq7vb3"
    run = a_run(a_step(fetched(arguments={"url": address})))
    assert "house" in taint_of(run)
    assert "house" not in taint_of(run, mask=ours.mask)


WRITTEN = a_call(1, OBSERVED, tool="write_file", arguments={"path": "a.txt"}, effect=Effect.IDEMPOTENT)


@pytest.mark.parametrize(
    ("run", "path", "own"),
    [
        (a_run(a_step(WRITTEN)), "a.txt", True),
        (a_run(a_step(WRITTEN)), "b.txt", False),
        (a_run(a_step(WRITTEN)), "./a.txt", False),
        (a_run(a_step(WRITTEN), a_step(a_call(2, OBSERVED, effect=Effect.NONE))), "a.txt", True),
        (a_run(a_step(WRITTEN), a_step(a_call(2, OBSERVED))), "a.txt", False),
        (a_run(a_step(a_call(1, OBSERVED, tool="write_file", arguments={"path": "a.txt"}, observation=FAILED))), "a.txt", False),
        (a_run(a_step(a_call(1, tool="write_file", arguments={"path": "a.txt"}))), "a.txt", False),
        (a_run(), "a.txt", False),
    ],
)  # fmt: skip
def test_a_file_is_its_own_only_where_nothing_can_have_touched_it_since(run: Run, path: str, own: bool) -> None:
    assert reads_own_file(run, "read_file", {"path": path}) is own
    assert not reads_own_file(run, "search_files", {"path": path})


def test_what_sends_nothing_out_is_spared_by_a_grant_as_before() -> None:
    run = a_run(a_step(fetched()))
    given = grant(GrantScope.CONVERSATION, by=BOB, run=run)
    quiet, loud = a_call(5), a_call(5, sends_out=True)
    assert POLICY.spares(given, recorded(quiet, run), run)
    assert not POLICY.spares(given, recorded(loud, run), run)
