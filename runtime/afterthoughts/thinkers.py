"""Who thinks which afterthought."""

from collections.abc import Mapping

from runtime.afterthoughts.memory_policy import MemoryPolicy
from runtime.afterthoughts.records import AfterthoughtKind
from runtime.afterthoughts.reflection import Reflection
from runtime.afterthoughts.summarising import Summarising
from runtime.afterthoughts.worker import Thinker
from runtime.masking import Masker
from runtime.memory.ports import Embedder
from runtime.models.port import Model
from runtime.ports import Clock
from runtime.record_ports import Record


def thinkers_of(
    record: Record, model: Model, clock: Clock, masker: Masker, embedder: Embedder | None = None
) -> Mapping[AfterthoughtKind, Thinker]:
    return {
        AfterthoughtKind.MEMORY: MemoryPolicy(
            record=record, persons=record, model=model, clock=clock, masker=masker, embedder=embedder
        ),
        AfterthoughtKind.REFLECTION: Reflection(record=record, model=model, masker=masker, embedder=embedder),
        AfterthoughtKind.SUMMARY: Summarising(record=record, model=model, masker=masker),
    }
