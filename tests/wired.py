"""The wiring of all functions, of which tests replace parts."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from cancellations import wiring

ROOTS: tuple[ModuleType, ...] = tuple(
    import_module(f"{wiring.__name__}.{found.name}") for found in iter_modules(wiring.__path__)
)


def forget() -> None:
    """What was made once in this process is made anew, as after a cold start."""
    for root in ROOTS:
        for made in vars(root).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


def replace(patch: pytest.MonkeyPatch, name: str, played: object) -> None:
    """Wherever the wiring knows something by this name. Raises AttributeError where it does nowhere."""
    known = [root for root in ROOTS if hasattr(root, name)]
    if not known:
        raise AttributeError(name)
    for root in known:
        patch.setattr(root, name, played)
