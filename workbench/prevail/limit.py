"""A token bucket on the emulator's clock."""


class Bucket:
    def __init__(self) -> None:
        self._filled_at = 0.0
        self._tokens = 0.0
        self._like: tuple[float, float] | None = None

    def take(self, per_second: float, burst: float, now: float) -> float:
        """Seconds until there is a token again; 0 where one was taken. Another rate or burst begins full."""
        if self._like != (per_second, burst):
            self._like, self._tokens, self._filled_at = (per_second, burst), burst, now
        self._tokens = min(burst, self._tokens + max(0.0, now - self._filled_at) * per_second)
        self._filled_at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / per_second
