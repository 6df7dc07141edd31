"""`cd` and `read`: what changes the state of the shell itself."""

import os

from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.scope import Scope
from runtime.shell.surroundings import question_own
from runtime.shell.verdicts import Action
from runtime.shell.words import NAMES, PLAIN_NAMES, UNKNOWN, Word


def question_cd(words: list[Word], scope: Scope) -> None:
    """Follow `cd` to a folder of the workspace that no link leads to. Raises NotUnderstood."""
    words = words[1:] if words and words[0].text == "--" else words
    if len(words) != 1 or not words[0].is_exact or words[0].text.startswith("-") or not words[0].text:
        raise NotUnderstood(f"{show('cd ' + ' '.join(map(str, words)))}: where this leads is not known")
    if scope.in_loop:
        raise NotUnderstood("`cd` in a loop leads further each time")
    scope.findings.paths[str(words[0])] = None
    reached = []
    for folder in scope.folders:
        place = os.path.normpath(os.path.join(folder, words[0].text))
        if concern := scope.ground.question(words[0], (folder,)):
            scope.findings.add(concern)
            return
        if os.path.realpath(os.path.join(folder, words[0].text)) != place:
            scope.findings.add(Concern(f"{show(f'cd {words[0]}')} follows a link", Action.READ_OUTSIDE))
            return
        reached.append(place)
    stays = () if all(map(os.path.isdir, reached)) else scope.folders
    scope.folders = tuple(dict.fromkeys((*reached, *stays)))


def question_read(words: list[Word], scope: Scope) -> None:
    """`read` into variables of the command's own. Raises NotUnderstood."""
    names = [word.text for word in words if word.text not in ("-r", "-d", "")]
    if not names or any(name.startswith("-") for name in names):
        raise NotUnderstood("`read` is only known with -r and names of variables")
    value = scope.stdin if scope.stdin in (NAMES, PLAIN_NAMES) and len(names) == 1 else UNKNOWN
    for name in names:
        scope.findings.add(question_own(name))
        scope.assign(name, (value, ""))
