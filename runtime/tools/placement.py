"""Where a command would run, and the words for it on the card."""

from enum import StrEnum

from msgspec import Struct

from runtime.sandbox.finding import Found
from runtime.sandbox.profiles import STRICT, Profile, approved


class Place(StrEnum):
    """`STRICT` is the sandbox for what runs unasked, `NETWORK` the one with the network. `NOWHERE`: there is no sandbox
    for this workspace. `OUTSIDE`: there may be one, and the call asks to run beside it. `ADMINISTRATOR`: so, and as root."""

    STRICT = "strict"
    APPROVED = "approved"
    NETWORK = "network"
    NOWHERE = "nowhere"
    OUTSIDE = "outside"
    ADMINISTRATOR = "administrator"


class Placement(Struct, frozen=True, kw_only=True):
    """`sandbox` is its name, "" for none, and then `why_not` says why. `fingerprint` is what a person agrees to with it:
    a bare place has one as well, so that nothing runs there that nobody was shown to run there."""

    place: Place
    sandbox: str = ""
    why_not: str = ""

    @property
    def profile(self) -> Profile | None:
        match self.place:
            case Place.STRICT:
                return STRICT
            case Place.APPROVED | Place.NETWORK:
                return approved(network=self.place is Place.NETWORK)
            case Place.NOWHERE | Place.OUTSIDE | Place.ADMINISTRATOR:
                return None

    @property
    def fingerprint(self) -> str:
        return f"{self.place} in {self.sandbox}" if self.sandbox else str(self.place)

    @property
    def is_bare(self) -> bool:
        """Whether nothing holds what runs there."""
        return self.profile is None

    @property
    def words(self) -> str:
        kind = f"a sandbox ({self.sandbox})"
        match self.place:
            case Place.STRICT:
                return f"It runs in {kind}: no network, and it may read in the workspace alone."
            case Place.APPROVED:
                return f"It runs in {kind}: no network, and it may write in the workspace alone."
            case Place.NETWORK:
                return f"It runs in {kind} with the network, and may write in the workspace alone."
            case Place.NOWHERE:
                return f"There is no sandbox here ({self.why_not}): it may do all that Mallard's user may do."
            case Place.OUTSIDE:
                return "It runs outside the sandbox: it may do all that Mallard's user may do."
            case Place.ADMINISTRATOR:
                return "It runs as the machine's administrator (root), outside the sandbox: it may do everything."


def was_strict(fingerprint: str) -> bool:
    """Whether it is that of a strict sandbox."""
    return fingerprint.startswith(f"{Place.STRICT} ")


def placement(found: Found, *, strict: bool, network: bool, outside: bool, sudo: bool = False) -> Placement:
    """Where a command runs: in the `strict` place or nowhere, whatever it asked for; or where it asks to."""
    if sudo and not strict:
        return Placement(place=Place.ADMINISTRATOR)
    if outside and not strict:
        return Placement(place=Place.OUTSIDE)
    if found.sandbox is None:
        return Placement(place=Place.NOWHERE, why_not=found.why_not)
    name = found.sandbox.name
    if strict:
        return Placement(place=Place.STRICT, sandbox=name)
    return Placement(place=Place.NETWORK if network else Place.APPROVED, sandbox=name)
