"""What a run leaves behind when it ends: the memories that it had at hand, and what is to be thought about it. Pure."""

from msgspec import Struct

from runtime.afterthoughts.records import AfterthoughtKind, Summary
from runtime.memory.records import MemoryId
from runtime.proposals import Ending, Turn
from runtime.records import Run


class Legacy(Struct, frozen=True, kw_only=True):
    """Committed with the run's ending."""

    afterthoughts: tuple[AfterthoughtKind, ...] = ()
    relied: tuple[MemoryId, ...] = ()


NO_LEGACY = Legacy()


def afterthoughts_of(
    run: Run, ending: Ending, turns: tuple[Turn, ...], summary: Summary | None, *, most_turns: int
) -> tuple[AfterthoughtKind, ...]:
    """What is owed to a run that ends so. A conversation is summed up once its last `most_turns` turns all stand beside
    the summary, so that the next run would miss the first of them."""
    match ending:
        case Ending.CANCELLED:
            return ()
        case Ending.GAVE_UP:
            return (AfterthoughtKind.REFLECTION,) if run.reflect else ()
    kinds = [AfterthoughtKind.MEMORY]
    if run.reflect:
        kinds.append(AfterthoughtKind.REFLECTION)
    if len(unsummarised(turns, summary)) >= most_turns:
        kinds.append(AfterthoughtKind.SUMMARY)
    return tuple(kinds)


def unsummarised(turns: tuple[Turn, ...], summary: Summary | None) -> tuple[Turn, ...]:
    """The turns that a summary leaves to be told word for word."""
    return turns if summary is None else tuple(turn for turn in turns if turn.run_id > summary.last_run)
