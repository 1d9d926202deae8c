"""Coverage-guided fuzzing of all that strangers' bytes reach: `make fuzz`. Needs the group `fuzz`, and is no test."""

PART = b"\x1e"
"""Between the parts of an input."""


def parts_of(data: bytes, count: int) -> list[bytes]:
    """So many, the last ones empty where the input has fewer."""
    return [*data.split(PART, count - 1), *[b""] * count][:count]
