"""A plan is what its seed says: the same deeds again, as many as were asked for, and none that makes no sense."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.soak.deeds import Kill, Say
from tests.soak.plan import Plan


@given(seed=st.integers(0, 2**32))
def test_the_same_seed_is_the_same_deeds(seed: int) -> None:
    assert Plan(seed=seed).deeds() == Plan(seed=seed).deeds()


def test_another_seed_is_other_deeds() -> None:
    assert Plan(seed=1).deeds() != Plan(seed=2).deeds()


@given(
    seed=st.integers(0, 2**32), messages=st.integers(60, 200), approvals=st.integers(10, 50), kills=st.integers(0, 9)
)
def test_there_are_as_many_as_asked_for_and_they_last_as_long(
    seed: int, messages: int, approvals: int, kills: int
) -> None:
    deeds = Plan(seed=seed, messages=messages, approvals=approvals, kills=kills, seconds=20.0).deeds()

    jobs = [deed.job for deed in deeds if isinstance(deed, Say)]
    assert [job.number for job in jobs] == list(range(1, messages + 1))
    assert Counter(job.kind for job in jobs)["do"] == approvals
    assert sum(isinstance(deed, Kill) for deed in deeds) == kills
    assert abs(sum(deed.after for deed in deeds) - 20.0) < 0.001


@given(seed=st.integers(0, 2**32))
def test_a_thread_is_continued_where_it_was_begun_and_after_it(seed: int) -> None:
    jobs = {deed.job.number: deed.job for deed in Plan(seed=seed).deeds() if isinstance(deed, Say)}

    for job in jobs.values():
        assert (job.continues > 0) == (job.place == "thread")
        if job.continues:
            begun = jobs[job.continues]
            assert (begun.side, begun.place) == (job.side, "channel")
            assert begun.number < job.number
