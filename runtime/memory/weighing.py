"""How much a memory weighs beside how well it fits: importance that fades with age and grows with use. Pure."""

import math
from datetime import datetime, timedelta

from runtime.memory.records import Memory, MemoryType

HALF_LIFE = timedelta(days=90)  # after which importance that nobody made use of counts half
SWAY = 0.04  # the most that weight adds to how well a memory fits: it decides between memories that fit alike
_USES = 0.1  # what the first uses add; each doubling of them adds as much again


def weight_of(memory: Memory, at: datetime) -> float:
    """Between 0 and 1. What is pinned does not fade. A lesson weighs as much as it has proved itself."""
    age = max(at - memory.used_at, timedelta(0))
    fade = 1.0 if memory.pinned else 0.5 ** (age / HALF_LIFE)
    used = _USES * math.log2(1 + memory.uses)
    weight = min(memory.importance * fade + used, 1.0)
    return weight * _proven(memory) if memory.type is MemoryType.LESSON else weight


def _proven(memory: Memory) -> float:
    """How likely it is to help next time: one half before anything is known."""
    return (memory.helped + 1) / (memory.helped + memory.misled + 2)


def ranked(fit: float, memory: Memory, at: datetime) -> float:
    """What memories are ranked by: how well each fits, swayed a little by its weight."""
    return fit + SWAY * weight_of(memory, at)
