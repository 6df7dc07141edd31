"""Two processes, a board, four people and a clock, in every order that chance comes up with."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from runtime.records import ConversationRef, IncomingMessage, UserRef
from tests.interleavings.board import PLATFORM, TROUBLES, Board
from tests.interleavings.deeds import MODEL_AWAY, Outside
from tests.interleavings.gates import Parked
from tests.interleavings.laws import Laws
from tests.interleavings.office import ANN, BOB, CYD, EVE, HandClock, Office

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PLACES = tuple(ConversationRef(platform=PLATFORM, space="T1", channel="C1", thread=thread) for thread in ("1.0", "2.0"))
PEOPLE = (ANN, BOB, CYD, EVE)
VERBS = ("approve", "always", "deny", "change", "mark_done", "mark_failed", "retry", "again")

offices = st.integers(0, 1)
places = st.sampled_from(PLACES)
STEPS = ("look", "note", "tell", "send", "sell", "send send", "note send", "send note", "look send", "sell tell send")
plans = st.lists(st.sampled_from(STEPS), max_size=2).map(";".join)
runs = st.integers(0, 5)
BEGINNINGS = ("suspend", "marked", "returns", "nothing")
STOPS = (*BEGINNINGS, "mark_started", "record_observation", "finish", "exact")
troubles = st.lists(st.sampled_from(TROUBLES), max_size=4)


class Interleavings(RuleBasedStateMachine):
    """Every rule is something that can happen next. Nothing else happens: no clock runs, nobody works by themselves."""

    @initialize(first=plans, second=plans, stop=st.sampled_from(BEGINNINGS), shown=st.booleans())
    def opens(self, first: str, second: str, stop: str, shown: bool) -> None:
        """Two people asked, two processes have begun with it; where `shown`, the cards stand already."""
        self._runner = asyncio.Runner()
        self._folder = Path(tempfile.mkdtemp(prefix="mallard-"))
        self._clock = HandClock(BEGINNING)
        self._board, self._outside = Board(), Outside()
        self._messages: list[IncomingMessage] = []
        self._offices = [self._new_office(), self._new_office()]
        for office in self._offices:
            self._runner.run(office.open())
        self._laws = Laws(self._folder / "mallard.db", self._board, self._outside)
        self._ask(0, PLACES[0], first, self._clock.now())
        self._ask(1, PLACES[1], second, self._clock.now())
        self._all_go_on(stop)
        if shown:
            self._do(self._offices[0].deliver())

    def _new_office(self) -> Office:
        return Office(self._folder, self._clock, self._board, self._outside)

    def _do(self, deed: Coroutine[Any, Any, Any] | None = None) -> None:
        """Do it, and wait until nobody moves any more. Who died is followed by a new one."""

        async def all_of_it() -> None:
            if deed is not None:
                await deed
            for number, office in enumerate(self._offices):
                await office.settle()
                if office.gates.dead:
                    await self._replace(number)

        self._runner.run(all_of_it())

    async def _replace(self, number: int) -> None:
        await self._offices[number].kill()
        self._offices[number] = self._new_office()
        await self._offices[number].open()

    # people

    @precondition(lambda self: len(self._messages) < 6)
    @rule(office=offices, where=places, plan=plans, late=st.booleans())
    def somebody_asks(self, office: int, where: ConversationRef, plan: str, late: bool) -> None:
        """`late`: it was said before what came before it."""
        self._ask(office, where, plan, BEGINNING if late else self._clock.now())

    def _ask(self, office: int, where: ConversationRef, plan: str, sent_at: datetime) -> None:
        number = len(self._messages) + 1
        text = f"request {number}.:{plan}"
        message = IncomingMessage(
            id=f"m{number}", where=where, author=ANN, author_name="Ann", text=text, sent_at=sent_at
        )
        self._messages.append(message)
        self._do(self._offices[office].door.receive(message))

    @rule(office=offices, which=st.integers(0, 9), verb=st.sampled_from(VERBS), by=st.sampled_from(PEOPLE))
    def something_comes_that_may_be_old(self, office: int, which: int, verb: str, by: UserRef) -> None:
        """A message once more, or a click by anybody on any card."""
        if by is EVE and verb == "again":
            self._do(self._offices[office].door.receive(self._messages[which % len(self._messages)]))
        else:
            self._do(self._click(office, which, verb, by))

    @precondition(lambda self: self._laws.approvals("pending"))
    @rule(office=offices, by=st.sampled_from((BOB, CYD)), which=st.integers(0, 9), says=st.integers(0, 4))
    def an_approver_decides(self, office: int, by: UserRef, which: int, says: int) -> None:
        pending = self._laws.approvals("pending")
        number, kind = pending[which % len(pending)]
        verbs = (
            ("mark_done", "mark_failed", "retry")
            if kind == "outcome"
            else ("approve", "approve", "approve", "deny", "change")
        )
        self._do(self._click(office, number, verbs[says % len(verbs)], by))

    @precondition(lambda self: self._laws.approvals("expired"))
    @rule(office=offices, which=st.integers(0, 9))
    def somebody_asks_again(self, office: int, which: int) -> None:
        expired = self._laws.approvals("expired")
        self._do(self._click(office, expired[which % len(expired)][0], "again", ANN))

    async def _click(self, office: int, number: int, verb: str, by: UserRef) -> None:
        door = self._offices[office].door
        token = door.token_of(number, verb)  # type: ignore[arg-type]  # people click what numbers they like
        await door.click(token, by=by, by_name=by.id, where=PLACES[0], comment="please" if verb == "change" else "")

    # the processes

    @precondition(lambda self: self._parked())
    @rule(which=runs, stop=st.sampled_from(STOPS), trouble=troubles)
    def a_run_goes_on(self, which: int, stop: str, trouble: list[str]) -> None:
        """At least one step, and then on until it stands before `stop`."""
        parked = self._parked()
        office, one = parked[which % len(parked)]
        self._board.troubles[:] = trouble
        self._let_on(office, one)
        while going := [next_ for next_ in office.gates.parked if next_.who == one.who and stop not in next_.what]:
            self._let_on(office, going[0])
        self._board.troubles.clear()

    @precondition(lambda self: self._parked())
    @rule(stop=st.sampled_from(STOPS))
    def all_runs_go_on(self, stop: str) -> None:
        self._all_go_on(stop)

    def _all_go_on(self, stop: str) -> None:
        while going := [(office, one) for office, one in self._parked() if stop not in one.what]:
            self._let_on(*going[0])

    def _parked(self, before: str = "") -> list[tuple[Office, Parked]]:
        return [(office, one) for office in self._offices for one in office.gates.parked if before in one.what]

    def _let_on(self, office: Office, one: Parked, error: Exception | None = None) -> None:
        async def on() -> None:
            office.gates.let_on(one, error)

        self._do(on())

    @rule(office=offices, trouble=troubles)
    def delivers(self, office: int, trouble: list[str]) -> None:
        self._board.troubles[:] = trouble
        self._do(self._offices[office].deliver())
        self._board.troubles.clear()

    @rule(office=offices, chore=st.sampled_from(("claim", "claim", "claim", "leases", "stops", "expiries")))
    def does_a_chore(self, office: int, chore: str) -> None:
        match chore:
            case "claim":
                self._do(self._offices[office].claim())
            case "leases":
                self._do(self._offices[office].heartbeat())
            case "stops":
                self._do(self._offices[office].notice_cancels())
            case "expiries":
                self._do(self._offices[office].expire())

    # what goes wrong

    @rule(
        office=offices, where=places, which=runs,
        what=st.sampled_from(("killed", "restarted", "stopped", "stopped by a stranger", "the model is away", "a deed fails")),
    )  # fmt: skip
    def something_happens(self, office: int, where: ConversationRef, which: int, what: str) -> None:
        match what:
            case "killed":
                self._offices[office].gates.kill()
                self._do()
            case "restarted":
                self._do(self._restart(office))
            case "stopped" | "stopped by a stranger":
                self._do(self._offices[office].door.stop(where, by=ANN if what == "stopped" else EVE))
            case "the model is away":
                if parked := self._parked("model"):
                    self._let_on(*parked[which % len(parked)], error=MODEL_AWAY)
            case "a deed fails":
                if parked := self._parked("begins"):
                    self._let_on(*parked[which % len(parked)], error=RuntimeError("it fell over"))

    @precondition(lambda self: self._parked("returns") or self._parked("begins"))
    @rule(which=runs, how=st.sampled_from(("killed", "killed", "restarted", "cut off", "silent")))
    def a_process_ends_in_the_middle_of_a_deed(self, which: int, how: str) -> None:
        """`cut off`: a person stops the run and it hears of it; `silent`: it sleeps until its leases have run out."""
        parked = self._parked("returns") or self._parked("begins")
        office, one = parked[which % len(parked)]
        number = self._offices.index(office)
        match how:
            case "killed":
                office.gates.kill()
                self._do()
            case "restarted":
                self._do(self._restart(number))
            case "cut off":
                self._do(office.stop_run(one.who, ANN))
            case "silent":
                self._clock.passes(40)
                self._do(self._offices[1 - number].heartbeat())

    async def _restart(self, office: int) -> None:
        await self._offices[office].hand_in()
        self._offices[office] = self._new_office()
        await self._offices[office].open()

    @rule(seconds=st.sampled_from((1, 1, 20, 40, 90, 1_800, 3_601)))
    def time_passes(self, seconds: int) -> None:
        self._clock.passes(seconds)

    # what must hold

    @invariant()
    def nothing_is_broken(self) -> None:
        self._laws.check_always()
        faults = [fault for office in self._offices for fault in office.faults]
        assert not faults, f"the product fell over: {faults!r}"

    def teardown(self) -> None:
        if not hasattr(self, "_laws"):
            return
        try:
            self._come_to_rest()
            self.nothing_is_broken()
            self._laws.check_at_rest({message.id: message.text for message in self._messages})
        finally:
            self._laws.close()
            for office in self._offices:
                self._runner.run(office.kill())
            self._runner.close()
            shutil.rmtree(self._folder)

    def _come_to_rest(self) -> None:
        """Everything works, everything is let on, nobody clicks any more."""
        for _ in range(60):
            self._clock.passes(70)
            for number in (0, 1):
                self._do(self._offices[number].heartbeat())
                self._do(self._offices[number].notice_cancels())
                self._do(self._offices[number].claim())
                self._do(self._offices[number].expire())
                while parked := self._parked():
                    self._let_on(*parked[0])
                self._do(self._offices[number].deliver())
            if self._laws.are_all_at_rest():
                return
