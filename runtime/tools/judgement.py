"""What is thought of a command in the place where it would run: how risky that is, and why it is asked, or refused."""

from runtime.records import JsonObject, Risk
from runtime.shell import Classification, Verdict
from runtime.tools.placement import Place, Placement
from runtime.tools.port import ToolScope

_ORDER = tuple(Risk)


def risk_of(judged: Classification, where: Placement, *, unasked: bool) -> Risk:
    if where.place is Place.STRICT:
        return Risk.NONE
    if unasked and where.place is Place.APPROVED:
        return Risk.LOW  # an administrator's rule allows it, and the sandbox holds
    return max(judged.risk, _least_risk(where), key=_ORDER.index)


def reason_of(judged: Classification, where: Placement, *, network: bool) -> str:
    """Why it is asked about, as a sentence or two. `network`: whether it asks for that."""
    if judged.verdict is Verdict.AUTO:
        wanted = _wanted(where, network=network)
        known = f"A rule allows it (`{judged.allowed_by}`)" if judged.allowed_by else "It only reads"
        if wanted:
            return f"{known}, but asks for {wanted}."
        return f"{known}, but nothing would hold it to that." if where.is_bare else f"{known}."
    has_network = network or where.place in (Place.OUTSIDE, Place.ADMINISTRATOR)
    lacks = " It seems to need the network, and does not ask for it."
    return f"{sentence(judged.reason)}{lacks if judged.needs_network and not has_network else ''}"


def refusal_of(judged: Classification, where: Placement, scope: ToolScope) -> str:
    """Why a call that was let through must not run after all; "" where it may."""
    if judged.verdict is Verdict.BLOCK:
        return f"This never runs. {sentence(judged.reason)}"
    if scope.target:
        changed = "This was approved to run in another place than there is now."
        return "" if where.fingerprint == scope.target else changed
    if where.is_bare:
        return "This would run without a sandbox, and no person was asked about that."
    if scope.risk is Risk.NONE and where.place is not Place.STRICT:
        return "This was to run unasked in a sandbox, and there is none on this machine any more."
    if scope.risk is Risk.LOW and not (judged.allowed_by and where.place is Place.APPROVED):
        return "This was to run by an administrator's rule, in a sandbox: one of the two is no longer there."
    return ""


def standing_of(judged: Classification, where: Placement, refusal: str) -> JsonObject:
    """What was thought of a command, and where it was put, for the record."""
    return {
        "ran": not refusal,
        "verdict": judged.verdict,
        "action": judged.action,
        "risk": judged.risk,
        "reason": refusal or judged.reason,
        "sandbox": where.sandbox or "none",
        "profile": where.place,
    }


def sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _wanted(where: Placement, *, network: bool) -> str:
    match where.place:
        case Place.ADMINISTRATOR:
            return "the rights of the machine's administrator"
        case Place.OUTSIDE if not network:
            return "to run outside the sandbox"
        case _:
            return "the network" if network else ""


def _least_risk(where: Placement) -> Risk:
    """What is asked about at all, and what a place adds: the network carries things away, and outside nothing holds."""
    match where.place:
        case Place.OUTSIDE | Place.ADMINISTRATOR:
            return Risk.CRITICAL
        case Place.NETWORK:
            return Risk.HIGH
        case _:
            return Risk.MEDIUM
