"""shell_exec_safe: run a command in a shell, held by a sandbox, in sight of people, and leave nothing of it running."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from pydantic import Field

from runtime.records import Effect, JsonObject, Observation, Risk, Workspace
from runtime.sandbox.finding import PATH, Found, find_sandbox, shell_of
from runtime.sandbox.port import Enclosed, SandboxUnfit, Scenery
from runtime.shell import Classification, Verdict
from runtime.shell import classify as by_grammar
from runtime.tools.capture import Capture
from runtime.tools.command_audit import audit
from runtime.tools.course import Course, Departure, follow
from runtime.tools.failure import ToolFailed
from runtime.tools.outcome import observation_of_course
from runtime.tools.placement import Place, Placement, placement, was_strict
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.visible import make_all_visible

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 100_000  # the kernel takes 128 KiB in one argument
_MOST_SECONDS = 600
_KEPT = 28_000
_ATTACHED = 2_000_000  # characters of output that are brought as a file, where the observation cannot hold them
_ORDER = tuple(Risk)

_NEVER_OUTSIDE = "No command may run outside the sandbox here (MALLARD_OUTSIDE_SANDBOX=never)."

Classify: TypeAlias = Callable[[str, Path], Classification]


class ShellArguments(ToolArguments):
    command: str = Field(description="What to run, as for `bash -c`, in the workspace's top folder.")
    timeout_s: int = Field(default=60, ge=1, le=_MOST_SECONDS, description="Seconds after which it is stopped.")
    network: bool = Field(default=False, description="Whether it needs the network. A person is asked then.")
    outside_sandbox: bool = Field(
        default=False,
        description="Whether it must run on the machine itself, as systemctl, docker and apt do. A second person is asked, "
        "and many installations forbid it.",
    )


class ShellExecSafe:
    """`classify` judges commands. `find` says which sandbox there is: it is asked once, when one is needed first.
    `may_leave`: whether a call may ask to run outside of it."""

    name = "shell_exec_safe"
    version = "2"
    description = (
        "Run a shell command in the workspace. What is known to only read there runs at once; a person is asked about all "
        "else. It runs in a sandbox without the network, unless asked for, and without the user's home. There is no "
        "terminal and no input; what it leaves running in the background is ended with it."
    )
    effect = Effect.EXTERNAL
    arguments = ShellArguments
    timeout = _MOST_SECONDS + 30.0
    output_cap = 30_000

    def __init__(
        self,
        classify: Classify = by_grammar,
        *,
        find: Callable[[], Found] = lambda: find_sandbox(Scenery()),
        may_leave: bool = False,
    ) -> None:
        self._classify = classify
        self._find = find
        self._may_leave = may_leave
        self._found: Found | None = None
        self._finding = asyncio.Lock()

    async def assess(self, arguments: ShellArguments, workspace: Workspace) -> Assessment:
        command = arguments.command
        _check(command)
        judged = self._classify(command, Path(workspace.path))
        if judged.verdict is Verdict.BLOCK:
            return Assessment(risk=Risk.CRITICAL, refusal=f"This never runs. {_sentence(judged.reason)}")
        if arguments.outside_sandbox and not self._may_leave:
            return Assessment(risk=Risk.CRITICAL, refusal=f"{_NEVER_OUTSIDE} Ask without outside_sandbox.")
        unasked = judged.verdict is Verdict.AUTO and not arguments.network and not arguments.outside_sandbox
        where = await self._place(arguments, workspace, strict=unasked and not judged.allowed_by)
        risk = _risk(judged, where, unasked=unasked)
        why, visible = f"{_reason(judged, arguments, where)} {where.words}", make_all_visible(command)
        if visible != command:
            why += f" It holds characters that cannot be seen; they are written out here: {visible}"
        return Assessment(
            risk=risk,
            why_asked=why,
            preview="" if visible == command else visible,
            target=where.fingerprint,
            sends_out=where.place not in (Place.STRICT, Place.APPROVED),
            reads_untrusted=True,
            each_time=where.is_bare,
        )

    async def run(self, arguments: ShellArguments, scope: ToolScope) -> Observation:
        """Where a person was asked, it runs in the place that they were shown. Where nobody was, it is a sandbox or nothing: the
        strictest, whatever the command would be judged by now; or the one of an administrator's rule that still holds."""
        course, capture, began = Course(), Capture(_KEPT, whole=_ATTACHED), time.monotonic()
        judged = self._classify(arguments.command, Path(scope.workspace.path))
        where, refusal = Placement(place=Place.NOWHERE), ""
        try:
            strict = was_strict(scope.target) if scope.target else scope.risk is Risk.NONE
            where = await self._place(arguments, scope.workspace, strict=strict)
            refusal = _refusal(judged, where, scope)
            if where.place is Place.OUTSIDE and not self._may_leave:
                refusal = _NEVER_OUTSIDE
            if not refusal:
                await follow(self._departure(arguments, scope.workspace, where), scope.on_output, course, capture)
                refusal = f"This workspace cannot be kept in a sandbox: {course.unfit}." if course.unfit else ""
        except asyncio.CancelledError:
            course.stopped = True
            raise
        finally:
            course.duration_ms = round((time.monotonic() - began) * 1000)
            shown = {"command": arguments.command, "network": arguments.network, "output_bytes": capture.size}
            await audit({**shown, **_standing(judged, where, refusal)}, scope, course)
        if refusal:
            return Observation(ok=False, text=f"{refusal} Nothing was run.", error="refused")
        if capture.left_out:
            scope.attach("output.txt", capture.whole)
        return observation_of_course(course, capture, arguments.timeout_s)

    async def _place(self, arguments: ShellArguments, workspace: Workspace, *, strict: bool) -> Placement:
        async with self._finding:
            if self._found is None:
                self._found = await asyncio.to_thread(self._find)
                if self._found.sandbox is None:
                    _LOG.warning("there is no sandbox for commands: %s", self._found.why_not)
        found = self._found
        where = placement(found, strict=strict, network=arguments.network, outside=arguments.outside_sandbox)
        if found.sandbox is None or where.profile is None:
            return where
        try:
            await asyncio.to_thread(found.sandbox.check, Path(workspace.path), where.profile)
        except SandboxUnfit as unfit:
            return Placement(place=Place.NOWHERE, why_not=f"for this workspace: {unfit}")
        except OSError:
            return where  # there is no such folder now: starting it says so
        return where

    def _departure(self, arguments: ShellArguments, workspace: Workspace, where: Placement) -> Departure:
        sandbox = self._found.sandbox if self._found else None
        argv = (*shell_of(), "-c", "--", arguments.command)
        profile = where.profile

        def enclose(mark: str, lasting: ExitStack) -> Enclosed:
            environment = {"PATH": PATH, "HOME": workspace.path, "LANG": "C.UTF-8", "TERM": "dumb"}
            environment |= dict([mark.split("=", 1)])
            if sandbox is None or profile is None:
                return Enclosed(argv=argv, environment=environment)
            return sandbox.enclose(argv, Path(workspace.path), profile, environment, lasting)

        return Departure(
            folder=workspace.path,
            enclose=enclose,
            keeps_family=where.sandbox == "bubblewrap",
            timeout_s=arguments.timeout_s,
        )


def _check(command: str) -> None:
    """Raises ToolFailed for what no shell can be given."""
    if not command.strip():
        raise ToolFailed("The command is empty.")
    if "\x00" in command:
        raise ToolFailed("The command holds a NUL character, which no program can be given.")
    if len(command.encode()) > _MOST_BYTES:
        raise ToolFailed(f"The command is longer than {_MOST_BYTES:,} bytes: write it to a file and run that.")


def _risk(judged: Classification, where: Placement, *, unasked: bool) -> Risk:
    if where.place is Place.STRICT:
        return Risk.NONE
    if unasked and where.place is Place.APPROVED:
        return Risk.LOW  # an administrator's rule allows it, and the sandbox holds
    return max(judged.risk, _least_risk(where), key=_ORDER.index)


def _least_risk(where: Placement) -> Risk:
    """What is asked about at all, and what a place adds: the network carries things away, and outside nothing holds."""
    match where.place:
        case Place.OUTSIDE:
            return Risk.CRITICAL
        case Place.NETWORK:
            return Risk.HIGH
        case _:
            return Risk.MEDIUM


def _reason(judged: Classification, arguments: ShellArguments, where: Placement) -> str:
    if judged.verdict is Verdict.AUTO:
        wanted = (
            "the network" if arguments.network else "to run outside the sandbox" if arguments.outside_sandbox else ""
        )
        known = f"A rule allows it (`{judged.allowed_by}`)" if judged.allowed_by else "It only reads"
        if wanted:
            return f"{known}, but asks for {wanted}."
        return f"{known}, but nothing would hold it to that." if where.is_bare else f"{known}."
    wants = " It seems to need the network, and does not ask for it." if _lacks_network(judged, arguments) else ""
    return f"{_sentence(judged.reason)}{wants}"


def _lacks_network(judged: Classification, arguments: ShellArguments) -> bool:
    return judged.needs_network and not arguments.network and not arguments.outside_sandbox


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _refusal(judged: Classification, where: Placement, scope: ToolScope) -> str:
    """Why a call that was let through must not run after all; "" where it may."""
    if judged.verdict is Verdict.BLOCK:
        return f"This never runs. {_sentence(judged.reason)}"
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


def _standing(judged: Classification, where: Placement, refusal: str) -> JsonObject:
    """What was thought of a command, and where it was put."""
    return {
        "ran": not refusal,
        "verdict": judged.verdict,
        "action": judged.action,
        "risk": judged.risk,
        "reason": refusal or judged.reason,
        "sandbox": where.sandbox or "none",
        "profile": where.place,
    }
