"""The escapes of `$'…'`."""

import re

from runtime.shell.concerns import NotUnderstood

_SIMPLE = {
    "n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"', "?": "?", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "r": "\r",
    "v": "\v",
}  # fmt: skip
_CODE = re.compile(rb"x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})")


def read_ansi_c(raw: bytes, index: int) -> tuple[int, str]:
    """The text from after `$'` on, and where it ends. Raises NotUnderstood, also for what is not plain ASCII."""
    out = ""
    while index < len(raw):
        character = chr(raw[index])
        if raw[index] > 0x7E:
            raise NotUnderstood("a $'…' holds a letter that is not plain")
        if character == "'":
            return index + 1, out
        if character != "\\":
            out += character
            index += 1
            continue
        following = raw[index + 1 : index + 2].decode("latin-1")
        if following in _SIMPLE:
            out += _SIMPLE[following]
            index += 2
            continue
        code = _CODE.match(raw, index + 1)
        if not code:
            raise NotUnderstood("an escape in $'…' is not known")
        number = int(code[2], 8) if code[2] else int(next(group for group in code.groups() if group), 16)
        if not 0 < number < 0x7F:
            raise NotUnderstood("an escape in $'…' hides a character")
        out += chr(number)
        index = code.end()
    raise NotUnderstood("a $'…' has no end")
