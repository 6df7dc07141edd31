"""What may pass is tried again, as late as the server asks; for what takes long, nobody is kept waiting here."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from runtime.errors import ModelUnavailable
from runtime.models.endpoint import Endpoint
from runtime.models.faults import Passing

if TYPE_CHECKING:
    from tenacity import RetryCallState

ATTEMPTS = 4
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
LONGEST_ASKED_S = 60.0  # whoever waits here holds a place that others need

log = logging.getLogger(__name__)
T = TypeVar("T")


async def retried(
    attempt: Callable[[], Awaitable[T]], endpoint: Endpoint, *, sleep: Callable[[float], Awaitable[None]]
) -> T:
    """What an attempt returns, after up to four of them. Raises ModelUnavailable where each ended in Passing, and at once where
    the server asks for more than a minute: `retry_after` is what it asked for last."""
    from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

    def tell(state: "RetryCallState") -> None:
        fault = state.outcome and state.outcome.exception()
        log.warning("%s, try %d of %d: %s", endpoint.shown, state.attempt_number, ATTEMPTS, fault)

    retrying = AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(ATTEMPTS),
        wait=_wait,
        retry=retry_if_exception(_passes_soon),
        before_sleep=tell,
        reraise=True,
    )
    try:
        return await retrying(attempt)
    except Passing as fault:
        words = f"gave no answer in {ATTEMPTS} tries" if _passes_soon(fault) else "wants to be asked again later"
        raise ModelUnavailable(f"{endpoint.shown} {words}: {fault}.", retry_after=fault.retry_after) from None


def _passes_soon(fault: BaseException) -> bool:
    return isinstance(fault, Passing) and (fault.retry_after or 0) <= LONGEST_ASKED_S


def _wait(state: "RetryCallState") -> float:
    """As long as the server asked for, else longer each time and never for all at once."""
    from tenacity import wait_exponential, wait_random

    fault = state.outcome and state.outcome.exception()
    if isinstance(fault, Passing) and fault.retry_after is not None:
        return fault.retry_after
    return (wait_exponential(FIRST_WAIT_S, LONGEST_WAIT_S) + wait_random(0, FIRST_WAIT_S))(state)
