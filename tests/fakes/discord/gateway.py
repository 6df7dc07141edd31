"""The gateway as people and tests use it: what is told, held back, told twice; and every way to lose a connection."""

from tests.fakes.discord.gatewayport import GatewayPort
from tests.fakes.discord.sessions import INVALID, RECONNECT, Event


class Gateway(GatewayPort):
    """Events wait in `held` while it holds them; those that nobody hears, now or after a resume, are in `lost`."""

    @property
    def connected(self) -> bool:
        return bool(self.sessions.attached)

    def tell(self, event: Event) -> None:
        """Send it, or hold it; it is on its way when this returns."""
        if self._holding is None or event.name in self._holding:
            self.held.append(event)
        else:
            for _ in range(self.copies if event.name == "MESSAGE_CREATE" else 1):
                self._deliver(event)
        self._pulse.beat()

    def again(self, event: Event) -> None:
        """Deliver once more what was delivered before."""
        self._deliver(event)

    def hold(self, *events: str) -> None:
        """Keep events back: all, or those of these names."""
        self._holding = set(events) if events else None

    def release(self, *, backwards: bool = False) -> None:
        """Deliver what was held, and stop holding."""
        self._holding = set()
        waiting, self.held = self.held, []
        for event in reversed(waiting) if backwards else waiting:
            self.tell(event)

    def drop(self) -> None:
        """Cut every connection, as a network does; the sessions can be resumed."""
        for socket in list(self.sockets):
            socket.cut()
            self._hang_up(socket)

    def reconnect(self) -> None:
        """Ask every client to come back (op 7)."""
        for socket in self.sockets:
            socket.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Op 9; not resumable: what happens until the next IDENTIFY is never told."""
        for socket in self.sockets:
            if socket.session is not None and not resumable:
                self.sessions.end(socket.session)
                socket.session = None
            socket.send({"op": INVALID, "d": resumable})

    def close(self, code: int) -> None:
        for socket in self.sockets:
            socket.close(code)

    def mute_acks(self) -> None:
        """Heartbeats are no longer answered: the connections are zombies."""
        self.acking = False

    def refuse(self, times: int) -> None:
        """Turn the next handshakes away."""
        self._refusals_left = times

    def down(self) -> None:
        """Nobody gets in, and who is in is cut."""
        self.is_down = True
        self.drop()

    def up(self) -> None:
        self.is_down = False

    async def stop(self) -> None:
        for socket in list(self.sockets):
            await socket.line.close()

    def _deliver(self, event: Event) -> None:
        self.sent.append(event)
        if not self.sessions.tell(event) and self.sessions.begun:
            self.lost.append(event)
        self._pulse.beat()
