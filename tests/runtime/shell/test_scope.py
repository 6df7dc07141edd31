"""What a part of a command is read within."""

from msgspec.structs import asdict

from runtime.shell.concerns import Findings
from runtime.shell.ground import Ground
from runtime.shell.rules import read_rules
from runtime.shell.scope import Scope


def test_a_fork_knows_all_that_was_known_and_what_is_assigned_in_it_stays_in_it() -> None:
    scope = Scope(
        ground=Ground("/pond"),
        rules=read_rules(["make"], []),
        findings=Findings(),
        folders=("/pond/reeds",),
        walk=lambda node, inner: None,
        variables={"name": ("duck",)},
        depth=3,
        in_loop=True,
        stdin="in",
        yields="out",
    )

    inner = scope.fork()

    known = asdict(scope)
    assert asdict(inner) == known | {"depth": 4}
    assert inner.findings is scope.findings
    inner.assign("name", ("goose",))
    assert scope.values_of("name") == ("duck",)
