"""Reading a command line against its row."""

from collections.abc import Iterator

from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.rows import Operands, Reading, Row, Takes
from runtime.shell.words import MARKS, Word


def read_command_line(row: Row, words: list[Word]) -> Reading:
    """Options and operands, where every part is known. Raises NotUnderstood that names the part at fault."""
    options: list[tuple[str, Word | None]] = []
    operands: list[Word] = []
    queue = iter(words)
    for word in queue:
        text = word.text
        if row.plain:
            operands.append(word)
        elif text == "--":
            operands += queue
        elif text == "-" or not text.startswith("-"):
            _check_not_option(row, word)
            operands.append(word)
            if not row.permutes:
                operands += queue
        elif text.startswith("--"):
            options.append(_read_long(row, word, queue))
        elif row.counts and text[1:].isdecimal():
            options.append(("-#", word))
        else:
            options += _read_short(row, word, queue)
    _check_number(row, operands)
    return Reading(row, tuple(options), tuple(operands))


def _check_not_option(row: Row, word: Word) -> None:
    if row.careful and (word.may_become_an_option or (word.may_become_several and not word.is_glob)):
        raise NotUnderstood(f"{show(f'{row.name} {word}')} may turn out to be an option that does harm")


def _read_long(row: Row, word: Word, queue: Iterator[Word]) -> tuple[str, Word | None]:
    name, equals, _ = word.text.partition("=")
    takes = row.options.get(name)
    if takes is None or (takes is Takes.NOTHING and equals):
        raise _unknown(row, str(word))
    if equals:
        return name, _one(row, word.without(f"{name}="), name)
    if takes in (Takes.NOTHING, Takes.MAYBE):
        return name, None
    return name, _next(row, queue, name)


def _read_short(row: Row, word: Word, queue: Iterator[Word]) -> Iterator[tuple[str, Word | None]]:
    letters = word.text[1:]
    for index, letter in enumerate(letters):
        name, takes = "-" + letter, row.options.get("-" + letter)
        if takes is None:
            raise _unknown(row, name if letter not in MARKS and not word.written else str(word))
        if takes is Takes.NOTHING:
            yield name, None
        else:
            rest = letters[index + 1 :]
            yield name, _one(row, word.without(word.text[: -len(rest)]), name) if rest else _next(row, queue, name)
            return


def _next(row: Row, queue: Iterator[Word], name: str) -> Word:
    word = next(queue, None)
    if word is None:
        raise NotUnderstood(f"{show(f'{row.name} {name}')} lacks its value")
    return _one(row, word, name)


def _one(row: Row, word: Word, name: str) -> Word:
    if word.may_become_several:
        raise NotUnderstood(f"the value in {show(f'{row.name} {name} {word}')} may turn out to be several words")
    return word


def _check_number(row: Row, operands: list[Word]) -> None:
    if row.operands is Operands.NONE and operands:
        raise NotUnderstood(f"{show(f'{row.name} {operands[0]}')}: what this operand does is not known")
    if len(operands) < row.at_least:
        raise NotUnderstood(f"{show(row.name)} lacks an operand")
    if row.most is not None:
        if len(operands) > row.most:
            raise NotUnderstood(
                f"{show(f'{row.name} … {operands[row.most]}')}: an operand there is written to, or not known"
            )
        if any(word.may_become_several for word in operands):
            raise NotUnderstood(f"an operand of {show(row.name)} may turn out to be several words")


def _unknown(row: Row, name: str) -> NotUnderstood:
    return NotUnderstood(f"{show(f'{row.name} {name}')}: this option is not known to be harmless")
