"""Values: what `dataclasses.dataclass(frozen=True, slots=True)` makes, at a tenth of its price.

The original writes six methods of each class as text and compiles them as the process starts: for the values of one
function that is a quarter of a cold start. Here all classes share them. Type checkers see the original, and a test
holds every value of ours against it (docs/decisions/0021).
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Never

__all__ = ["dataclass"]

type Fields = Mapping[str, Field[Any]]
type Made = dict[str, Any]

_FIELDS, _PARAMS = "__dataclass_fields__", "__dataclass_params__"


@dataclasses.dataclass(frozen=True, slots=True)
class _Model:
    """Made by the original, for what its functions look for: `fields`, `replace`, subclasses of its own."""

    part: None = None


def _dataclass[T: type](*, frozen: bool, slots: bool, repr: bool = True) -> Callable[[T], T]:  # noqa: A002 - the original's
    """Raises TypeError for what no value of ours has."""
    if not (frozen and slots):
        raise TypeError("values are frozen and have slots; for others take dataclasses.dataclass")

    def made(cls: T) -> T:
        if hasattr(cls, "__post_init__"):
            raise TypeError(f"{cls.__qualname__} has a __post_init__, which values have not")
        return _made(cls, show=repr)

    return made


def _made[T: type](cls: T, *, show: bool) -> T:
    """The class anew, since slots cannot be added to one that exists."""
    own = _own_fields(cls)
    of_bases = [getattr(base, _FIELDS, {}) for base in reversed(cls.__mro__[1:])]
    every: Fields = {name: field for fields in (*of_bases, own) for name, field in fields.items()}
    content = {name: part for name, part in vars(cls).items() if name not in own and name not in _OF_DICT}
    content |= {"__slots__": tuple(own), "__match_args__": tuple(every)}
    content |= {_FIELDS: every, _PARAMS: getattr(_Model, _PARAMS), **_SHARED, **_compared(every)}
    if show and "__repr__" not in content:
        content["__repr__"] = _shown(tuple(name for name, field in every.items() if field.repr))
    made: Any = type(cls)(cls.__name__, cls.__bases__, content)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _filled(every, [getattr(made, name).__set__ for name in every])
    return made  # type: ignore[no-any-return]  # made of the same


_OF_DICT = ("__dict__", "__weakref__")


def _own_fields(cls: type) -> Fields:
    """Completed as the original does it."""
    fields: dict[str, Field[Any]] = {}
    for name, kind in vars(cls).get("__annotations__", {}).items():
        given = vars(cls).get(name, MISSING)
        field: Any = given if isinstance(given, Field) else dataclasses.field(default=given)
        field.name, field.type, field.kw_only = name, kind, False
        field._field_type = _ORDINARY  # noqa: SLF001 - by this `fields` and `replace` know one
        fields[name] = field
    return fields


_ORDINARY = getattr(_Model, _FIELDS)["part"]._field_type  # noqa: SLF001 - none of ours are of a class or for __init__ alone


# ── What all share ────────────────────────────────────────────────────────────────────────────────


def _filled(fields: Fields, setters: list[Callable[[object, object], None]]) -> Callable[..., None]:
    names, most = tuple(fields), len(fields)
    given = {name: field.default for name, field in fields.items() if field.default is not MISSING}
    factories: Mapping[str, Any] = {
        name: field.default_factory for name, field in fields.items() if field.default_factory is not MISSING
    }

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 - the name in tracebacks
        for put, value in zip(setters, values, strict=False):
            put(self, value)
        for place in range(len(values), most):
            name = names[place]
            if name in named:
                setters[place](self, named.pop(name))
            elif name in given:
                setters[place](self, given[name])
            elif name in factories:
                setters[place](self, factories[name]())
            else:
                raise TypeError(f"{type(self).__qualname__} is missing {name}")
        if named or len(values) > most:
            extra = ", ".join(named) or f"{len(values)} values"
            raise TypeError(f"{type(self).__qualname__} takes {', '.join(names)} once each, not {extra}")

    return __init__


def _compared(fields: Fields) -> Made:
    names = [name for name, field in fields.items() if field.compare]
    match names:
        case []:
            parts: Callable[[object], object] = lambda _: ()  # noqa: E731
        case [one]:
            only = attrgetter(one)
            parts = lambda value: (only(value),)  # noqa: E731
        case _:
            parts = attrgetter(*names)

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        return parts(self) == parts(other) if type(other) is type(self) else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(parts(self))

    return {"__eq__": __eq__, "__hash__": __hash__}


def _shown(names: tuple[str, ...]) -> Callable[[object], str]:
    def __repr__(self: object) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _no_set(_self: object, name: str, _value: object) -> Never:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_delete(_self: object, name: str) -> Never:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: object) -> list[object]:
    return [getattr(self, name) for name in getattr(self, _FIELDS)]


def _restore(self: object, state: list[object]) -> None:
    for name, value in zip(getattr(self, _FIELDS), state, strict=True):
        object.__setattr__(self, name, value)


_SHARED: Made = {
    "__setattr__": _no_set,
    "__delattr__": _no_delete,
    "__getstate__": _state,
    "__setstate__": _restore,
    "__replace__": dataclasses.replace,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
