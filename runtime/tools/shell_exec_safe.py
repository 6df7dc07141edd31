"""shell_exec_safe: run a command in a shell, held by a sandbox, in sight of people, and leave nothing of it running."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from pydantic import Field

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.sandbox.finding import PATH, Found, find_sandbox, shell_of
from runtime.sandbox.folders import remove_left_behind
from runtime.sandbox.port import Enclosed, SandboxUnfit, Scenery
from runtime.shell import Classification, Verdict
from runtime.shell import classify as by_grammar
from runtime.tools.capture import Capture
from runtime.tools.command_audit import audit
from runtime.tools.course import GRACE, Course, Departure, follow
from runtime.tools.failure import ToolFailed
from runtime.tools.judgement import reason_of, refusal_of, risk_of, sentence, standing_of
from runtime.tools.offspring import end_orphans
from runtime.tools.outcome import observation_of_course
from runtime.tools.passwords import wipe
from runtime.tools.placement import Place, Placement, placement, was_strict
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments
from runtime.tools.sudo import SETTING, Sudo, says_sudo, why_not_begun
from runtime.tools.visible import make_all_visible

_LOG = logging.getLogger(__name__)
_MOST_BYTES = 100_000  # the kernel takes 128 KiB in one argument
_MOST_SECONDS = 600
_KEPT = 28_000
_ATTACHED = 2_000_000  # characters of output that are brought as a file, where the observation cannot hold them
_TO_ASK = 150.0  # seconds that a tool may wait for a password, and a little more

_NEVER_OUTSIDE = "No command may run outside the sandbox here (MALLARD_OUTSIDE_SANDBOX=never)."
_NO_SUDO = f"No command may run as the machine's administrator here ({SETTING} is not set)."

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
    sudo: bool = Field(
        default=False,
        description="Whether it must run as the machine's administrator (root), which is outside the sandbox too. Write the "
        "command without `sudo`. A second person is asked, then the password at the machine; most installations forbid it.",
    )


class ShellExecSafe:
    """`classify` judges commands. `find` says which sandbox there is: it is asked once, when one is needed first.
    `may_leave`: whether a call may ask to run outside of it. `sudo` runs calls as the administrator; None where none may ask."""

    name = "shell_exec_safe"
    version = "3"
    description = (
        "Run a shell command in the workspace. What is known to only read there runs at once; a person is asked about all "
        "else. It runs in a sandbox without the network, unless asked for, and without the user's home. There is no "
        "terminal and no input; what it leaves running in the background is ended with it."
    )
    effect = Effect.EXTERNAL
    arguments = ShellArguments
    timeout = _MOST_SECONDS + _TO_ASK + 30.0
    output_cap = 30_000

    def __init__(
        self,
        classify: Classify = by_grammar,
        *,
        find: Callable[[], Found] = lambda: find_sandbox(Scenery()),
        may_leave: bool = False,
        sudo: Sudo | None = None,
    ) -> None:
        self._classify = classify
        self._find = find
        self._may_leave = may_leave
        self._sudo = sudo
        self._found: Found | None = None
        self._finding = asyncio.Lock()

    async def assess(self, arguments: ShellArguments, workspace: Workspace) -> Assessment:
        command = arguments.command
        _check(command)
        judged = self._classify(command, Path(workspace.path))
        if refusal := self._why_never(arguments, judged):
            return Assessment(risk=Risk.CRITICAL, refusal=refusal)
        unasked = judged.verdict is Verdict.AUTO and not _asks_for_more(arguments)
        where = await self._place(arguments, workspace, strict=unasked and not judged.allowed_by)
        risk = risk_of(judged, where, unasked=unasked)
        visible = make_all_visible(command)
        why = f"{reason_of(judged, where, network=arguments.network)} {where.words}"
        if self._sudo and arguments.sudo:
            why += f" {self._sudo.words}"
        if visible != command:
            why += f" It holds characters that cannot be seen; they are written out here: {visible}"
        return Assessment(
            risk=risk,
            why_asked=why,
            preview="" if visible == command else visible,
            target=where.fingerprint,
            effect=Effect.NONE if where.place is Place.STRICT else None,  # nothing can be changed from there
            sends_out=where.place not in (Place.STRICT, Place.APPROVED),
            reads_untrusted=True,
            each_time=where.is_bare,
        )

    async def end_orphans(self) -> None:
        ended = await asyncio.to_thread(end_orphans, GRACE)
        await asyncio.to_thread(remove_left_behind)
        if ended:
            _LOG.warning("commands of a Mallard that was killed were still running, and were ended: %d", ended)

    async def run(self, arguments: ShellArguments, scope: ToolScope) -> Observation:
        """Where a person was asked, it runs in the place that they were shown. Where nobody was, it is a sandbox or nothing: the
        strictest, whatever the command would be judged by now; or the one of an administrator's rule that still holds."""
        course, capture, began = Course(), Capture(_KEPT, whole=_ATTACHED), time.monotonic()
        judged = self._classify(arguments.command, Path(scope.workspace.path))
        where, refusal, password = Placement(place=Place.NOWHERE), "It did not begin.", bytearray()
        try:
            strict = was_strict(scope.target) if scope.target else scope.risk is Risk.NONE
            where = await self._place(arguments, scope.workspace, strict=strict)
            if not (refused := refusal_of(judged, where, scope) or self._why_not_now(where)):
                password, refused = await self._ask_for_password(arguments, where, scope)
            if not (refusal := refused):
                began = time.monotonic()
                departure = self._departure(arguments, scope.workspace, where, password)
                await follow(departure, scope.on_output, course, capture)
                refusal = _why_not_run(course)
        except asyncio.CancelledError:
            course.stopped = True
            raise
        finally:
            wipe(password)
            course.duration_ms = round((time.monotonic() - began) * 1000)
            shown = {"command": arguments.command, "network": arguments.network, "sudo": arguments.sudo}
            shown["output_bytes"] = capture.size
            await audit({**shown, **standing_of(judged, where, refusal)}, scope, course)
        if refusal:
            return Observation(ok=False, text=f"{refusal} Nothing was run.", error="refused")
        if capture.left_out:
            scope.attach("output.txt", capture.whole)
        return observation_of_course(course, capture, arguments.timeout_s)

    async def _place(self, arguments: ShellArguments, workspace: Workspace, *, strict: bool) -> Placement:
        async with self._finding:
            if self._found is None:
                await asyncio.to_thread(remove_left_behind)
                self._found = await asyncio.to_thread(self._find)
                if self._found.sandbox is None:
                    _LOG.warning("there is no sandbox for commands: %s", self._found.why_not)
        found = self._found
        wants = {"network": arguments.network, "outside": arguments.outside_sandbox, "sudo": arguments.sudo}
        where = placement(found, strict=strict, **wants)
        if found.sandbox is None or where.profile is None:
            return where
        try:
            await asyncio.to_thread(found.sandbox.check, Path(workspace.path), where.profile)
        except SandboxUnfit as unfit:
            return Placement(place=Place.NOWHERE, why_not=f"for this workspace: {unfit}")
        except OSError:
            return where  # there is no such folder now: starting it says so
        return where

    def _why_never(self, arguments: ShellArguments, judged: Classification) -> str:
        """Why a call is not even asked about; "" where it is."""
        if judged.verdict is Verdict.BLOCK:
            return f"This never runs. {sentence(judged.reason)}"
        if arguments.outside_sandbox and not self._may_leave:
            return f"{_NEVER_OUTSIDE} Ask without outside_sandbox."
        if arguments.sudo and self._sudo is None:
            return f"{_NO_SUDO} Ask without sudo."
        if arguments.sudo and says_sudo(arguments.command):
            return "The command says sudo once more. Ask for it without the word: the argument says it."
        return ""

    def _why_not_now(self, where: Placement) -> str:
        """What was switched off since a person said yes; "" for nothing."""
        if where.place is Place.OUTSIDE and not self._may_leave:
            return _NEVER_OUTSIDE
        return _NO_SUDO if where.place is Place.ADMINISTRATOR and self._sudo is None else ""

    async def _ask_for_password(
        self, arguments: ShellArguments, where: Placement, scope: ToolScope
    ) -> tuple[bytearray, str]:
        """The password that a command needs, empty for one that needs none; or why it cannot run."""
        if self._sudo is None or where.place is not Place.ADMINISTRATOR:
            return bytearray(), ""
        if self._sudo.passwords is not None:
            await scope.on_output("Waiting for the password, at the terminal where Mallard runs.\n")
        given = await self._sudo.ask(arguments.command)
        return (bytearray(), given) if isinstance(given, str) else (given, "")

    def _departure(
        self, arguments: ShellArguments, workspace: Workspace, where: Placement, password: bytearray
    ) -> Departure:
        sandbox = self._found.sandbox if self._found else None
        argv = (*shell_of(), "-c", "--", arguments.command)
        profile, sudo = where.profile, self._sudo if where.place is Place.ADMINISTRATOR else None

        def enclose(mark: str, lasting: ExitStack) -> Enclosed:
            if sudo is not None:
                return sudo.enclose(arguments.command, mark)
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
            password=None if sudo is None else password,
        )


def _asks_for_more(arguments: ShellArguments) -> bool:
    return arguments.network or arguments.outside_sandbox or arguments.sudo


def _why_not_run(course: Course) -> str:
    """Why it came to nothing although it was let run; "" where it began, or could not be started for a plainer reason."""
    if course.unfit:
        return f"This workspace cannot be kept in a sandbox: {course.unfit}."
    if course.not_begun is None or course.error:
        return ""
    return "sudo did not begin in time." if course.timed_out else why_not_begun(course.not_begun)


def _check(command: str) -> None:
    """Raises ToolFailed for what no shell can be given."""
    if not command.strip():
        raise ToolFailed("The command is empty.")
    if "\x00" in command:
        raise ToolFailed("The command holds a NUL character, which no program can be given.")
    if len(command.encode()) > _MOST_BYTES:
        raise ToolFailed(f"The command is longer than {_MOST_BYTES:,} bytes: write it to a file and run that.")
