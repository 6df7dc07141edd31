"""Standing approvals: which calls one covers, how it is made of a call, and what it would let through in plain words. Pure."""

from datetime import datetime

from msgspec.structs import replace

from runtime.grant_terms import EXACTLY, Terms
from runtime.intents import Intent
from runtime.masking import Masker
from runtime.persons import UNLINKED, Persons
from runtime.records import Grant, GrantId, GrantKind, GrantScope, JsonObject, Run, UserRef
from runtime.shell.argv import argv_of

SHELL = "shell_exec_safe"
_COMMAND = "command"
_FREE = frozenset({_COMMAND, "timeout_s"})  # how long it may take decides nothing of what a command does

# Programs to whose words anything can be added: what runs then is another program, or code that was never looked at.
_CARRIERS = frozenset(
    (
        "sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "csh", "tcsh", "busybox", "toybox", "env", "sudo", "doas", "su",
        "runuser", "setpriv", "xargs", "parallel", "nice", "ionice", "nohup", "timeout", "time", "setsid", "stdbuf", "script",
        "watch", "strace", "ltrace", "gdb", "chroot", "unshare", "nsenter", "bwrap", "systemd-run", "ssh", "eval", "exec",
        "command", "builtin", "source", ".", "python", "python2", "python3", "perl", "ruby", "node", "deno", "bun", "php",
        "lua", "tclsh", "awk", "gawk", "mawk", "nawk", "expect", "osascript", "pwsh", "flock", "chronic", "taskset", "chrt",
        "docker", "podman", "nerdctl", "kubectl", "oc", "npx", "pnpx", "bunx", "uvx", "pipx", "make", "gmake", "tar", "bsdtar",
        "find", "fd", "rm", "dd", "shred", "mkfs", "wipefs", "sed", "ed", "ex", "vi", "vim", "emacs", "nc", "ncat", "socat",
    )
)  # fmt: skip


def covers(grant: Grant, intent: Intent, run: Run) -> bool:
    """Whether a standing approval is about this call. Whether it counts there is the policy's to say."""
    if grant.kind is GrantKind.EXACT:
        return grant.digest == intent.digest
    if (grant.tool, grant.version, grant.workspace) != (intent.tool, intent.version, run.workspace.id):
        return False
    if grant.kind is GrantKind.TOOL:
        return True
    words = argv_of_call(intent.tool, intent.arguments)
    begins = words is not None and bool(grant.prefix) and words[: len(grant.prefix)] == grant.prefix
    return begins and dict(grant.others) == others_of(intent.arguments)


def subjects_of(run: Run, persons: Persons = UNLINKED) -> tuple[tuple[str, str], ...]:
    """What a grant's (scope, subject) must be to cover a call of this run: whoever asked is covered by every account."""
    return (
        *((GrantScope.PERSON, str(account)) for account in persons.accounts_of(run.asked_by)),
        (GrantScope.CONVERSATION, run.where.written_channel),
        (GrantScope.WORKSPACE, run.workspace.id),
    )


def grant_for(
    run: Run, *, tool: str, digest: str, shown: str, scope: GrantScope, by: UserRef, at: datetime, version: str = "",
    prefix: tuple[str, ...] = (), others: JsonObject | None = None, terms: Terms = EXACTLY,
) -> Grant:  # fmt: skip
    """The grant that "always allow" makes of a call: exactly these arguments in this workspace, unless the terms say more."""
    return Grant(
        id=GrantId(0),
        tool=tool,
        digest=digest,
        scope=scope,
        subject=dict(subjects_of(run))[scope],
        workspace=run.workspace.id,
        shown=shown,
        created_by=by,
        created_at=at,
        expires_at=None if terms.lasts is None else at + terms.lasts,
        kind=terms.kind,
        version=version,
        prefix=prefix,
        others=others or {},
        most_uses=terms.most_uses,
    )


def argv_of_call(tool: str, arguments: JsonObject) -> tuple[str, ...] | None:
    """The words of a shell command that is one program with literal words; None for any other call."""
    command = arguments.get(_COMMAND) if tool == SHELL else None
    return argv_of(command) if isinstance(command, str) else None


def others_of(arguments: JsonObject) -> JsonObject:
    """What beside the command decides what a command may do."""
    return {name: value for name, value in arguments.items() if name not in _FREE}


def prefix_of(tool: str, arguments: JsonObject, wanted: str) -> tuple[str, ...] | str:
    """The first words that a grant would go by, those `wanted` or else the first two; or why there can be none."""
    words = argv_of_call(tool, arguments)
    if words is None:
        return "Only a shell command that is one program with plain words behind it can be allowed by its first words."
    prefix = argv_of(wanted) if wanted else words[:2]
    if prefix is None or words[: len(prefix)] != prefix:
        return f"This command does not begin with the words {wanted!r}."
    program = prefix[0].rsplit("/", 1)[-1]
    if program.rstrip("0123456789.") in _CARRIERS or program in _CARRIERS:
        return f"What `{program}` does depends on all that stands behind it: it cannot be allowed by its first words."
    if any(word.startswith("-") for word in (*prefix[1:2], *prefix[1:][-1:])):
        return f"What stands behind an option can be its value or anything else: `{written(prefix)}` cannot be allowed."
    return prefix


def why_too_broad(grant: Grant) -> str:
    """Why nobody can allow that much, "" where somebody can."""
    if grant.kind is not GrantKind.TOOL:
        return ""
    if grant.tool == SHELL:
        return "A shell can do anything, so it is never allowed as a whole: allow commands by their first words (`prefix`)."
    if grant.scope is not GrantScope.CONVERSATION:
        return "A whole tool can be allowed for one conversation only (`tool here`)."
    return ""


def without_secrets(grant: Grant, masker: Masker) -> Grant:
    """The same to be shown: it covers nothing any more."""
    return replace(
        grant,
        shown=masker.mask(grant.shown),
        prefix=tuple(map(masker.mask, grant.prefix)),
        others=masker.mask_value(grant.others),
    )


def words_of(grant: Grant) -> str:
    """What a standing approval lets through, in plain words."""
    match grant.kind:
        case GrantKind.EXACT:
            what = "exactly this call"
        case GrantKind.PREFIX:
            rest = "".join(f", with {name} = {value!r}" for name, value in grant.others.items())
            what = f"every command that begins with the words `{written(grant.prefix)}`, whatever follows{rest}"
        case GrantKind.TOOL:
            what = f"every call of `{grant.tool}`, whatever its arguments"
    whose = {
        GrantScope.PERSON: f"when {grant.subject} asks",
        GrantScope.CONVERSATION: f"whoever asks in {grant.subject}",
        GrantScope.WORKSPACE: "whoever asks",
    }[grant.scope]
    return f"{what}, {whose}, in the workspace {grant.workspace}, {ending_of(grant)}"


def ending_of(grant: Grant) -> str:
    """Until when a standing approval holds, and how often yet."""
    ends = []
    if grant.expires_at is not None:
        ends.append(f"until {grant.expires_at:%Y-%m-%d at %H:%M} UTC")
    if grant.most_uses is not None:
        left = grant.most_uses - grant.uses
        ends.append("once more" if left == 1 else f"{left} times more")
    return " and ".join(ends) or "until it is revoked"


def written(words: tuple[str, ...]) -> str:
    """Words of a command as a person would write them."""
    return " ".join(word if word and all(_is_plain(each) for each in word) else repr(word) for word in words)


def _is_plain(character: str) -> bool:
    return character.isalnum() or character in "_@%+=:,./-"


def is_over(grant: Grant, at: datetime) -> bool:
    """Whether its time has passed, or its last use is taken."""
    return (grant.expires_at is not None and grant.expires_at <= at) or (
        grant.most_uses is not None and grant.uses >= grant.most_uses
    )
