"""Two processes that remember, search, list, link and forget for many people, in every order that chance comes up with."""

import asyncio
import shutil
import tempfile
from collections import Counter
from itertools import cycle
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from runtime.link_facts import LinkFact, account_unlinked, accounts_linked
from runtime.memory.records import Forgotten, MemoryId, MemoryQuery, MemoryScope, MemoryType, NewMemory, places_of
from runtime.records import ConversationRef, UserRef
from runtime.signals import Signals
from storage.store import Store
from tests.storage.blank import lay_blank
from tests.storage.desk import DAWN, Clock
from tests.storage.memory.crowd import CHANNELS, PEOPLE, WORKSPACES, Crowd, Kept, channel_of, run_of
from tests.storage.memory.embedding import BagOfWords

TRIED: Counter[str] = Counter()
TEXTS = ("the vault code is red", "the vault code is blue", "vaults open on monday", "code of the door")

processes = st.integers(0, 1)
people = st.sampled_from(PEOPLE)
wheres = st.sampled_from(CHANNELS)
workspaces = st.sampled_from(WORKSPACES)
scopes = st.sampled_from(MemoryScope)
texts = st.sampled_from(TEXTS)
whiches = st.integers(0, 30)


class Isolation(RuleBasedStateMachine):
    """Everybody speaks of the same few things: whatever crossed over would fit."""

    @initialize()
    def opens(self) -> None:
        self._runner = asyncio.Runner()
        self._folder = Path(tempfile.mkdtemp(prefix="mallard-"))
        self._crowd, self._embedder = Crowd(), BagOfWords()
        self._stores = [Store(self._folder / "mallard.db", Signals(), Clock(), synchronous="NORMAL") for _ in range(2)]
        lay_blank(self._folder / "mallard.db")
        for store in self._stores:
            self._runner.run(store.__aenter__())
        for number, (person, where) in enumerate(zip(cycle(PEOPLE), CHANNELS * 2, strict=False)):
            for scope in MemoryScope:
                self._remember(number % 2, person, where, WORKSPACES[number % 2], scope, TEXTS[number % 3])

    @rule(
        process=processes, person=people, where=wheres, workspace=workspaces, scope=scopes, text=texts,
        with_vector=st.booleans(), which=whiches, supersedes=st.booleans(),
    )  # fmt: skip
    def somebody_remembers(
        self, process: int, person: UserRef, where: ConversationRef, workspace: str, scope: MemoryScope, text: str,
        with_vector: bool, which: int, supersedes: bool,
    ) -> None:  # fmt: skip
        """`supersedes`: it is said to contradict some memory, whoever's that is."""
        contradicted = self._some_id(which) if supersedes else None
        self._remember(
            process, person, where, workspace, scope, text, with_vector=with_vector, contradicted=contradicted
        )

    def _remember(
        self, process: int, person: UserRef, where: ConversationRef, workspace: str, scope: MemoryScope, text: str, *,
        with_vector: bool = True, contradicted: MemoryId | None = None,
    ) -> None:  # fmt: skip
        said = Kept(
            id=MemoryId(0), text=text, scope=scope, owner=person, channel=channel_of(where), workspace=workspace
        )
        new = NewMemory(
            text=text, place=said.place(), type=MemoryType.FACT, importance=0.5, said_by=person,
            supersedes=() if contradicted is None else (contradicted,),
        )  # fmt: skip
        vector = self._embedder.vector_of(text) if with_vector else None
        known = [each.id for each in self._crowd.of_place(said) if each.text == text]

        kept = self._runner.run(self._stores[process].remember(new, DAWN, vector=vector))

        assert ([kept.id] if kept.merged else []) == known, "the same is kept once for each place"
        if not kept.merged:
            self._crowd.kept[kept.id] = Kept(
                id=kept.id, text=text, scope=scope, owner=person, channel=channel_of(where), workspace=workspace
            )
        if contradicted is not None and contradicted != kept.id:
            self._supersede(contradicted, kept.id)
        TRIED["remembered"] += 1

    def _supersede(self, older: MemoryId, newer: MemoryId) -> None:
        there = self._crowd.kept[older]
        if there.live and there.place() == self._crowd.kept[newer].place():
            self._crowd.retire(older, newer)
        elif there.live:
            TRIED["contradicted what is another's"] += 1

    @rule(
        process=processes, person=people, where=wheres, workspace=workspaces, text=texts, with_vector=st.booleans(),
        limit=st.sampled_from([1, 3, 50]),
    )  # fmt: skip
    def a_run_searches(
        self,
        process: int,
        person: UserRef,
        where: ConversationRef,
        workspace: str,
        text: str,
        with_vector: bool,
        limit: int,
    ) -> None:
        places = places_of(run_of(person, where, workspace), self._stores[process])
        vector = self._embedder.vector_of(text) if with_vector else None
        query = MemoryQuery(text=text, places=places, vector=vector, limit=limit)

        found = [each.memory for each in self._runner.run(self._stores[process].search_memories(query, DAWN))]

        allowed = self._crowd.may_find(person, where, workspace)
        assert {memory.id for memory in found} <= allowed
        fitting = {id_ for id_ in allowed if self._crowd.kept[id_].text == text}
        assert bool(found) or not fitting, "something is found where something fits"
        assert fitting <= {memory.id for memory in found} or limit < len(allowed), (
            "what fits is found where there is room"
        )
        TRIED["searched"] += 1
        TRIED["found"] += len(found)
        live = [each for each in self._crowd.kept.values() if each.live]
        TRIED["would have fitted, and was another's"] += len(
            [each for each in live if each.id not in allowed and each.text == text]
        )

    @rule(process=processes, person=people, where=wheres, workspace=workspaces)
    def a_run_lists(self, process: int, person: UserRef, where: ConversationRef, workspace: str) -> None:
        places = places_of(run_of(person, where, workspace), self._stores[process])

        listed = self._runner.run(self._stores[process].list_memories(places, DAWN, limit=1000))

        allowed = self._crowd.may_find(person, where, workspace)
        assert {memory.id for memory in listed} == allowed
        assert self._stores[process].has_memories(places) == bool(allowed)
        TRIED["listed"] += 1

    @precondition(lambda self: self._crowd.kept)
    @rule(process=processes, which=whiches)
    def something_is_forgotten(self, process: int, which: int) -> None:
        memory_id = self._some_id(which)
        assert memory_id is not None
        going = self._crowd.forget(memory_id)

        gone = self._runner.run(self._stores[process].forget([memory_id], DAWN, by=PEOPLE[0]))
        assert gone == Forgotten(memories=len(going))
        TRIED["forgotten"] += len(going)

    @rule(process=processes, one=people, other=people)
    def accounts_are_linked(self, process: int, one: UserRef, other: UserRef) -> None:
        if one != other and self._crowd.link(one, other):
            self._say(process, accounts_linked(one, other, by=one))
            TRIED["linked"] += 1

    @rule(process=processes, account=people)
    def an_account_is_unlinked(self, process: int, account: UserRef) -> None:
        if self._crowd.unlink(account):
            self._say(process, account_unlinked(account, by=account))
            TRIED["unlinked"] += 1

    def _say(self, process: int, fact: LinkFact) -> None:
        store = self._stores[process]
        self._runner.run(store.record_people((fact,), (), DAWN, as_of=store.who_is_who.as_of))

    def _some_id(self, which: int) -> MemoryId | None:
        ids = sorted(self._crowd.kept)
        return ids[which % len(ids)] if ids else None

    def teardown(self) -> None:
        for store in self._stores:
            self._runner.run(store.__aexit__(None, None, None))
        self._runner.close()
        shutil.rmtree(self._folder)
