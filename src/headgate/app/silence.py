"""How long a serving process has been silent. Counts steps of time and does nothing: what follows from it is the supervisor's to do."""

_STEP_MAX_S = 0.5


class Silence:
    """Counts the silence of one process, in time that the supervisor itself was running: a machine that slept, or stopped both, is no fault of it."""

    def __init__(self, now_s: float) -> None:
        self._looked_at_s = now_s
        self.silent_s = 0.0

    def look(self, now_s: float, *, heard: bool) -> float:
        """Count on to now. Returns how long the silence had lasted if it has just ended, else 0."""
        step_s, self._looked_at_s = min(now_s - self._looked_at_s, _STEP_MAX_S), now_s
        if heard:
            ended_s, self.silent_s = self.silent_s, 0.0
            return ended_s
        self.silent_s += step_s
        return 0.0


class LoopLag:
    """How long the event loop left between two of its own heartbeats, as the serving process sees it afterwards."""

    def __init__(self, told_from_s: float, told_for_s: float) -> None:
        self._told_from_s = told_from_s
        self._told_for_s = told_for_s
        self._beat_at_s: float | None = None
        self._blocked_s = 0.0
        self._told_until_s = 0.0

    def beat(self, now_s: float) -> None:
        """Note a heartbeat."""
        since_s = now_s - self._beat_at_s if self._beat_at_s is not None else 0.0
        if since_s >= self._told_from_s:
            self._blocked_s, self._told_until_s = since_s, now_s + self._told_for_s
        self._beat_at_s = now_s

    def blocked_s(self, now_s: float) -> float:
        """How long the loop last hung; 0 if it did not recently."""
        return self._blocked_s if now_s < self._told_until_s else 0.0
