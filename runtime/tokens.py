"""What leaves the house on a button and comes back with a click: installation, approval, verb, and nothing else."""

import re

from msgspec import Struct

from runtime.records import ApprovalId

_FORM = re.compile(r"([0-9a-f]{8})\.([0-9]{1,18})\.([a-z][a-z0-9_]{0,19})")


class Token(Struct, frozen=True, kw_only=True):
    installation: str
    approval_id: ApprovalId
    verb: str

    def __str__(self) -> str:
        return f"{self.installation}.{self.approval_id}.{self.verb}"


def read_token(text: str) -> Token | None:
    """The token that a text is, None where it is none of ours."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    installation, approval, verb = found.groups()
    return Token(installation=installation, approval_id=ApprovalId(int(approval)), verb=verb)
