"""How fast a server answers, and what an answer costs its core."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Answers a second, and seconds of the server's core for each."""

    answers_s: float
    core_s: float

    def cells(self):
        """For a table."""
        return [f"{self.answers_s:,.0f}", f"{self.core_s * 1e6:.1f}"]

    def times(self, peer):
        """How much better than a peer, by both."""
        return f"{self.answers_s / peer.answers_s:.1f}x ({peer.core_s / self.core_s:.1f}x by core time)"
