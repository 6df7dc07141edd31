"""awk programs: refused where a token in them can run, write, read elsewhere, or look at the environment."""

import re

from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.verdicts import Action
from runtime.shell.words import Word

_TOKEN = re.compile(
    r"""
    (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<comment>\#[^\n]*)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<operator>\|\||&&|>=|<=|==|!=|!~|\+\+|--|\+=|-=|\*=|%=|\^=|[-+*%^!~?:;,(){}\[\]$=<>/|@&\\])
  | (?P<blank>[ \t\n]+)
    """,
    re.VERBOSE,
)
_PATTERN = re.compile(r"/(?:[^/\\\n\[]|\\.|\[\^?\]?[^\]\n/]*\])*/")
_REFUSED = {
    "system": "runs a program", "getline": "reads another file or runs a program", "ENVIRON": "reads the environment",
    "ARGV": "changes which files are read", "ARGC": "changes which files are read", "PROCINFO": "looks at the process",
    "close": "belongs to pipes and files", "fflush": "belongs to pipes and files", "SYMTAB": "reaches every variable",
    "FUNCTAB": "calls functions by name", "extension": "loads code", "func": "is not read here",
    "function": "is not read here", "BEGINFILE": "is not read here", "ENDFILE": "is not read here",
    "inplace": "writes files", "load": "loads code",
}  # fmt: skip
# In strings and patterns too: where a slash divides and where it begins a pattern is not always certain.
_ANYWHERE = re.compile(r"\b(?:" + "|".join(_REFUSED) + r")\b")
_BEFORE_PATTERN = frozenset({"print", "printf", "return", "in", "case", "BEGIN", "END", "exit", "else", "do"})


def question_awk(script: Word) -> Concern | None:
    """Why a program has to be asked about; None where it only computes and prints. Raises NotUnderstood."""
    program, shown = script.text, show(f"awk {script}")
    if found := _ANYWHERE.search(program):
        word = found[0]
        action = {"ENVIRON": Action.SECRETS, "system": Action.EXECUTE, "getline": Action.EXECUTE}.get(
            word, Action.UNKNOWN
        )
        return Concern(f"{shown}: `{word}` {_REFUSED[word]}", action)
    at, before, depth, printing = 0, "", 0, -1
    while at < len(program):
        if program[at] == "/" and _begins_pattern(program, before, shown):
            pattern = _PATTERN.match(program, at)
            if not pattern:
                raise _odd(shown)
            at, before = pattern.end(), ")"
            continue
        token = _TOKEN.match(program, at)
        if not token:
            raise _odd(shown)
        at, kind, text = token.end(), token.lastgroup, token[0]
        if text in ("print", "printf"):
            printing = depth
        elif text in ("|", "@", "&", "\\"):
            return Concern(f"{shown}: `{text}` can run a program", Action.EXECUTE)
        elif text == ">" and printing >= 0 and depth <= printing:
            return Concern(f"{shown}: it prints to a file", Action.WRITE)
        elif text in ("(", ")"):
            depth += 1 if text == "(" else -1
        ends_line = kind == "blank" and "\n" in text and before not in (",", "&&", "||")
        if ends_line or text in (";", "{", "}"):
            printing, before = -1, ""
        if kind not in ("blank", "comment") and text not in (";", "{"):
            before = text
    return None


def _begins_pattern(program: str, before: str, shown: str) -> bool:
    """A slash begins a pattern, and does not divide, where no value stands before it. Where awk's own grammar would be
    needed to tell, the program is not read."""
    if before in _BEFORE_PATTERN:
        return True
    if before in ("++", "--") or (before in (")", "]", "}") and program.count("/") > 2 and '"' in program):
        raise _odd(shown)
    return not before or not (before[-1].isalnum() or before[-1] in '_)]$"')


def _odd(shown: str) -> NotUnderstood:
    return NotUnderstood(f"the program of {shown} is not one that can be read here")
