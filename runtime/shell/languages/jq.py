"""jq filters: refused where a name in them reaches the environment, other files or modules."""

import re

from runtime.records import Risk
from runtime.shell.concerns import Concern, show
from runtime.shell.verdicts import Action
from runtime.shell.words import Word

# Looked for in the whole text, strings too: a string may hold \(an expression).
_REFUSED = re.compile(
    r"\$ENV|\$__|(?<![.\w])(?:env|import|include|modulemeta|input_filename|get_search_list|debug|stderr|halt_error)\b"
)


def question_jq(program: Word) -> Concern | None:
    """Why a filter has to be asked about; None where it only looks at its input."""
    if found := _REFUSED.search(program.text):
        reason = f"{show(f'jq {program}')}: `{found[0]}` reaches beyond the input"
        return Concern(reason, Action.SECRETS, Risk.CRITICAL)
    return None
