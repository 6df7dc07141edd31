"""sed scripts: only commands that edit what passes by, and print it."""

import re

from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.verdicts import Action
from runtime.shell.words import Word

_ADDRESS = re.compile(r"\d+(~\d+)?|\$")
_RELATIVE = re.compile(r"[+~]\d+")
_NUMBER = re.compile(r"[ \t]*\d*")
_LABEL = re.compile(r"[ \t]*[A-Za-z0-9_]*")
_FLAGS = re.compile(r"[gpiImM0-9]*")
_PLAIN = "dDgGhHnNpPxzF="
_WHY = {
    "e": "runs a program", "w": "writes a file", "W": "writes a file", "r": "reads another file", "R": "reads another file",
}  # fmt: skip


class SedScript:
    """Reads one script from left to right. Whatever it does not know raises NotUnderstood."""

    def __init__(self, script: Word) -> None:
        self._text, self._at = script.text, 0
        self._shown = show(f"sed {script}")

    def question(self) -> Concern | None:
        """Why the script has to be asked about; None where it only edits what passes by."""
        depth = 0
        while self._at < len(self._text):
            if self._take(" \t\n;"):
                continue
            if self._take("}"):
                depth -= 1
                continue
            self._skip_addresses()
            if self._take("{"):
                depth += 1
            elif concern := self._question_command():
                return concern
        if depth:
            raise self._odd()
        return None

    def _question_command(self) -> Concern | None:
        command = self._peek()
        self._at += 1
        if command == "s":
            self._skip_delimited(2)
            self._skip(_FLAGS)
            if self._peek() in ("e", "w"):
                return self._concern(self._peek(), "the flag")
            self._check_end()
        elif command == "y":
            self._skip_delimited(2)
            self._check_end()
        elif command in _WHY:
            return self._concern(command, "its command")
        elif command == "#":
            self._skip_line()
        elif command in ("a", "i", "c"):
            self._skip_line()
            if self._text[self._at - 1] == "\\":
                raise self._odd()  # the text goes on in further lines
        elif command in ("b", "t", "T", ":"):
            self._skip(_LABEL)
            self._check_end()
        elif command in ("q", "Q", "l", "L"):
            self._skip(_NUMBER)
            self._check_end()
        elif command and command in _PLAIN:
            self._check_end()
        else:
            raise self._odd()
        return None

    def _skip_addresses(self) -> None:
        for second in (False, True):
            self._skip_blank()
            if not self._skip(_ADDRESS) and not (second and self._skip(_RELATIVE)):
                if self._peek() == "/":
                    self._skip_delimited(1)
                    while self._take("IM"):
                        pass
                elif second:
                    raise self._odd()
            self._skip_blank()
            if not self._take(","):
                break
        while self._take(" !"):
            pass

    def _skip_delimited(self, parts: int) -> None:
        """Past `/one/` or `/one/two/`, whatever the delimiter is. Where a bracket hides a delimiter, sed and this would
        disagree where the part ends, so that is not read."""
        delimiter = self._peek()
        if not delimiter or delimiter in "\\\n[" or delimiter.isalnum() or delimiter.isspace():
            raise self._odd()
        self._at += 1
        for _ in range(parts):
            while (character := self._peek()) != delimiter:
                if not character or (character == "[" and self._hides(delimiter)):
                    raise self._odd()
                self._at += 2 if character == "\\" else 1
            self._at += 1

    def _hides(self, delimiter: str) -> bool:
        first = self._at + 1 + self._text.startswith("[^", self._at)
        end = self._text.find("]", first + 1)
        inside = self._text[self._at + 1 : end]
        return end < 0 or delimiter in inside or "[" in inside

    def _check_end(self) -> None:
        self._skip_blank()
        if self._peek() not in ("", ";", "\n", "}", "#"):
            raise self._odd()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, characters: str) -> bool:
        found = self._peek() != "" and self._peek() in characters
        self._at += found
        return found

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return bool(found and found[0])

    def _skip_blank(self) -> None:
        while self._take(" \t"):
            pass

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _concern(self, letter: str, what: str) -> Concern:
        action = {"e": Action.EXECUTE, "r": Action.READ_OUTSIDE, "R": Action.READ_OUTSIDE}.get(letter, Action.WRITE)
        return Concern(f"{self._shown}: {what} `{letter}` {_WHY[letter]}", action)

    def _odd(self) -> NotUnderstood:
        return NotUnderstood(f"the script of {self._shown} is not one that can be read here")
