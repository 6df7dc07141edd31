"""What a planner is told of skills before it plans: which there are, and which lessons may be worth one."""

from msgspec import Struct

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.memory.recall import Recalled
from runtime.memory.records import MemoryId
from runtime.records import Run
from runtime.skills.catalogue import Catalogue
from runtime.skills.lessons import Taught, note_on_lessons
from runtime.skills.ports import Lessons
from runtime.skills.telling import words_for_planner


class Briefed(Struct, frozen=True, kw_only=True):
    """`lessons` are those that the words may quote."""

    words: str = ""
    lessons: tuple[MemoryId, ...] = ()


class Briefing(Struct, frozen=True, kw_only=True):
    """`skills` is None where there are none to be told of."""

    record: Lessons
    skills: Catalogue | None
    masker: Masker = NOTHING_OF_OURS

    async def brief(self, run: Run, recalled: Recalled) -> Briefed:
        """Lessons that came back so often that they may be worth a skill are told too: a person's own is never made one where
        others read along."""
        if self.skills is None:
            return Briefed()
        told = words_for_planner(await self.skills.look(run.workspace))
        lessons = [lesson for lesson in recalled.lessons if run.direct or not lesson.is_own]
        counts = self.record.count_runs_taught([lesson.id for lesson in lessons]) if lessons else {}
        note = note_on_lessons([Taught(lesson.text, counts.get(lesson.id, 0)) for lesson in lessons])
        words = "\n\n".join(part for part in (told, self.masker.mask(note)) if part)
        return Briefed(words=words, lessons=tuple(lesson.id for lesson in lessons) if note else ())
