"""What is signed, as a template such as `{id}.{timestamp}.{body}`: read once, filled in for every delivery."""

import re
from itertools import pairwise
from typing import Literal, cast

from cancellations.values import dataclass

type Name = Literal["id", "timestamp", "method", "url", "body"]

NAMES: tuple[Name, ...] = ("id", "timestamp", "method", "url", "body")
"""Of these the sender chooses the length of `id` and `body`; the others have one form."""

_PIECES = re.compile(r"\{([^{}]*)\}|([^{}]+)")


@dataclass(frozen=True, slots=True)
class Template:
    """`parts`: literal bytes, and names of what takes their place."""

    parts: tuple[bytes | Name, ...]

    def filled(self, values: dict[Name, bytes]) -> bytes:
        return b"".join(part if isinstance(part, bytes) else values[part] for part in self.parts)

    def __contains__(self, name: Name) -> bool:
        return name in self.parts

    @property
    def borders_of_id(self) -> frozenset[str]:
        """The characters that part the id from its neighbours: an id with one could lend its tail to the body."""
        touching = (two for two in pairwise(self.parts) if "id" in two)
        return frozenset(
            "".join(part.decode() for two in touching for part in two if isinstance(part, bytes))
        )


def read(written: str) -> Template:
    """Raises ValueError with a reason of one line."""
    parts: list[bytes | Name] = []
    end = 0
    for piece in _PIECES.finditer(written):
        if piece.start() != end:
            break
        end = piece.end()
        name, literal = piece.groups()
        if name is not None and name not in NAMES:
            raise ValueError(f"knows no {{{name}}}; it is made of {', '.join(f'{{{n}}}' for n in NAMES)}")
        parts.append(cast("Name", name) if name is not None else literal.encode())
    if end != len(written):
        raise ValueError("has a brace that is not closed or not opened")
    if parts.count("body") != 1:
        raise ValueError("must contain {body} once, or the body would not be signed")
    names = [part for part in parts if not isinstance(part, bytes)]
    if len(names) != len(set(names)):
        raise ValueError("contains the same part twice")
    _check_borders(parts)
    return Template(tuple(parts))


def _check_borders(parts: list[bytes | Name]) -> None:
    """Between two parts of any length stands something that neither contains, or one could lend to the other."""
    for left, right in pairwise(parts):
        if "id" in (left, right) and not isinstance(left, bytes) and not isinstance(right, bytes):
            raise ValueError("needs a sign between {id} and its neighbour, or their borders could be moved")
