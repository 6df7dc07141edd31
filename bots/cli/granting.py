"""`mallard grants`."""

from datetime import UTC, datetime

from bots.cli.opening import open_database, run_async, settings_here
from bots.cli.printing import print_json, print_table, write_age
from bots.masking import masker_of
from bots.terminal.platform import local_user
from bots.terminal.wording import write_time
from runtime.errors import MallardError
from runtime.grants import is_over, without_secrets, written
from runtime.records import Grant, GrantId, GrantKind
from runtime.showing import shortened
from storage import grants


def list_grants(*, everything: bool, as_json: bool) -> None:
    settings = settings_here()
    masker = masker_of(settings)

    async def read() -> tuple[Grant, ...]:
        async with open_database(settings) as database:
            every = grants.read_grants(await database.scan(grants.LIST))
            return tuple(without_secrets(grant, masker) for grant in every)

    now = datetime.now(UTC)
    found = [grant for grant in run_async(read) if everything or not write_end(grant, now)]
    if as_json:
        print_json(_as_json(grant) for grant in found)
        return
    print_table(
        ("grant", "allows", "for", "by", "since", "used", "ends"),
        (
            (
                str(grant.id), shortened(masker.mask(_allowed(grant)), 80), f"{grant.scope} {grant.subject}",
                str(grant.created_by), write_age(grant.created_at),
                f"{grant.uses} of {grant.most_uses}" if grant.most_uses else str(grant.uses),
                write_end(grant, now) or (write_time(grant.expires_at) if grant.expires_at else "when revoked"),
            )
            for grant in found
        ),
        empty="Nothing is allowed without asking.",
    )  # fmt: skip


def revoke(number: int) -> None:
    """End a grant. Raises MallardError where there is no such live grant."""

    async def write() -> bool:
        by = str(local_user())
        async with open_database(settings_here()) as database:
            return await database.write(lambda tx: grants.revoke(tx, GrantId(number), datetime.now(UTC), by=by))

    if not run_async(write):
        raise MallardError(f"There is no grant {number} that still holds. `mallard grants list --all` shows all.")
    print(f"Grant {number} is revoked. From now on this is asked again.")


def write_end(grant: Grant, now: datetime) -> str:
    """How a grant ended; "" while it holds."""
    if grant.revoked_at:
        return f"revoked by {grant.revoked_by}"
    if grant.expires_at and grant.expires_at <= now:
        return "expired"
    return "used up" if is_over(grant, now) else ""


def _allowed(grant: Grant) -> str:
    """Which calls, in a few words: for whom and until when stands beside it."""
    match grant.kind:
        case GrantKind.EXACT:
            return f"{grant.tool} {grant.shown}"
        case GrantKind.PREFIX:
            return f"{grant.tool} {written(grant.prefix)} …"
        case GrantKind.TOOL:
            return f"{grant.tool} with any arguments"


def _as_json(grant: Grant) -> dict[str, object]:
    return {
        "id": grant.id,
        "tool": grant.tool,
        "shown": grant.shown,
        "digest": grant.digest,
        "scope": grant.scope,
        "subject": grant.subject,
        "workspace": grant.workspace,
        "created_by": str(grant.created_by),
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
        "revoked_at": grant.revoked_at,
        "revoked_by": grant.revoked_by,
        "uses": grant.uses,
        "most_uses": grant.most_uses,
        "kind": grant.kind,
        "prefix": grant.prefix,
    }
