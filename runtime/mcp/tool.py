"""A server's tool, as a tool of ours."""

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from runtime.mcp.faults import CutOff, Nonsense, Refused, ServerAway
from runtime.mcp.listing import Hints, Offer
from runtime.mcp.murmur import secrets_pattern
from runtime.mcp.spec import ServerSpec, Trust
from runtime.records import Effect, Observation, Risk, Workspace
from runtime.redaction import redacted
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import GivenArguments

if TYPE_CHECKING:
    from runtime.mcp.keeper import Keeper

_OUTPUT_CAP = 30_000
_SPARE = 60.0  # seconds beyond the server's own time, for what goes before and after


class Standing(Struct, frozen=True, kw_only=True):
    """How a tool counts here. `why` is words for whoever is asked."""

    effect: Effect
    risk: Risk
    why: str


def standing_of(spec: ServerSpec, offer: Offer, *, is_changed: bool = False) -> Standing:
    """The operator's word first. The server's own hints count only where the operator trusts them, else they are shown.

    Nothing vouches for a tool that `is_changed` since Mallard started, or that is not the version in the settings.
    """
    runs = f"It runs outside of Mallard, on the MCP server {spec.name} ({spec.place})."
    said = "".join(f" {words}" for words in _sayings(offer.hints))
    if is_changed:
        said += " Its server describes it differently now than when Mallard started."
    elif spec.vouches_for(spec.read_only, offer.name, offer.version) is not None:
        return Standing(effect=Effect.NONE, risk=Risk.LOW, why=f"{runs} The settings say that it only reads.")
    elif (entry := spec.vouches_for(spec.risks, offer.name, offer.version)) is not None:
        return Standing(effect=Effect.EXTERNAL, risk=spec.risks[entry], why=f"{runs}{said}")
    elif spec.trust is Trust.HINTS and not spec.names(offer.name):
        effect, risk = _by_hints(offer.hints)
        return Standing(effect=effect, risk=risk, why=f"{runs}{said}")
    elif spec.names(offer.name):
        said += " The settings vouch for another version of it."
    doubt = " Nobody vouches for that." if said else ""
    return Standing(effect=Effect.EXTERNAL, risk=Risk.HIGH, why=f"{runs}{said}{doubt}")


def _by_hints(hints: Hints) -> tuple[Effect, Risk]:
    if hints.reads_only:
        return Effect.NONE, Risk.LOW
    effect = Effect.IDEMPOTENT if hints.repeatable else Effect.EXTERNAL
    return effect, Risk.MEDIUM if hints.destroys is False else Risk.HIGH


def _sayings(hints: Hints) -> list[str]:
    if hints.reads_only:
        return ["The server says that it only reads."]
    found = []
    if hints.destroys is not None:
        found.append(f"The server says that it {'may destroy something' if hints.destroys else 'destroys nothing'}.")
    if hints.repeatable:
        found.append("The server says that doing it twice is doing it once.")
    return found


class McpTool:
    """`offer` as it was when it was listed: a call runs only if the server still offers exactly that."""

    def __init__(self, *, keeper: "Keeper", offer: Offer, standing: Standing) -> None:
        self.keeper = keeper
        self.offer = offer
        self.standing = standing
        self.arguments: type[GivenArguments] = type(
            "Arguments", (GivenArguments,), {"given": offer.schema, "__module__": __name__}
        )

    @property
    def name(self) -> str:
        return f"{self.keeper.spec.name}.{self.offer.name}"

    @property
    def version(self) -> str:
        return self.offer.version

    @property
    def description(self) -> str:
        return self.offer.description

    @property
    def effect(self) -> Effect:
        return self.standing.effect

    @property
    def timeout(self) -> float:
        return self.keeper.spec.timeout + _SPARE

    @property
    def output_cap(self) -> int:
        return _OUTPUT_CAP

    async def assess(self, arguments: GivenArguments, workspace: Workspace) -> Assessment:
        """What the standing says, once the server is there: people are not asked for what could not run."""
        try:
            await self.keeper.until_here()
        except ServerAway as error:
            raise ToolFailed(f"{error} Nothing was run.", code="away") from None
        return Assessment(
            risk=self.standing.risk,
            why_asked=self.standing.why,
            sends_out=not self.keeper.spec.local_only,
            reads_untrusted=True,
        )

    async def run(self, arguments: GivenArguments, scope: ToolScope) -> Observation:
        from runtime.mcp.results import observation_of

        try:
            await self._check_unchanged()
        except ServerAway as error:
            raise ToolFailed(f"{error} Nothing was run.", code="away") from None
        server = f"The MCP server {self.keeper.spec.name}"
        try:
            result = await self.keeper.call(self.offer.name, arguments.root, scope.on_output)
        except ServerAway as error:
            raise ToolFailed(f"{error} Nothing was run.", code="away") from None
        except TimeoutError:
            words = f"{server} was not done after {self.keeper.spec.timeout:g} seconds."
            raise ToolFailed(words, code="timed_out") from None
        except CutOff as error:
            raise ToolFailed(f"{server} was cut off while this call ran: {error}.", code="cut_off") from None
        except Refused as error:
            raise ToolFailed(f"{server} refused: {error}", code="refused") from None
        except Nonsense as error:
            raise ToolFailed(f"{server} answered, but {error}. It may have done it.", code="invalid_result") from None
        found = observation_of(result, self.offer.output_schema)
        return replace(found, text=redacted(found.text, secrets_pattern(self.keeper.spec.secrets)))

    async def _check_unchanged(self) -> None:
        """The last look before it runs, at what the server itself says now. Raises ServerAway or ToolFailed."""
        now = (await self.keeper.look_again()).find(self.offer.name)
        if now is None:
            raise ToolFailed(
                f"{self.name} is not offered by its server any more. Nothing was run.", code="unknown_tool"
            )
        if now.version != self.offer.version:
            raise ToolFailed(
                f"{self.name} is not what was approved: its server describes it differently now. Nothing was run; "
                "ask for it again to see it as it is.",
                code="digest_mismatch",
            )
