"""Which calls a fault meets: by what they are, how many, for how long, and by seeded chance."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from prevail.faults import magic
from prevail.faults.fault import Fault
from prevail.model import Organization


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as rules see it. `session` is the one that its path names, `caller` None where its token is no good."""

    method: str
    path: str
    session: str | None
    caller: Organization | None


@dataclass(slots=True)
class Rule:
    """None matches every call. `path` and `session` may hold * and ?. `share` is of the calls that match."""

    fault: Fault
    method: str | None = None
    path: str | None = None
    session: str | None = None
    organization: str | None = None
    share: float = 1.0
    seed: int = 0
    count: int | None = None
    for_s: float | None = None
    began_at: float = 0.0
    hits: int = 0
    _chance: random.Random = field(init=False, repr=False)
    _keys: dict[str, str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311 - a fault that can be repeated, not a secret

    def remember(self, organizations: Mapping[str, Organization]) -> None:
        """The keys of now, for the fault that lasts until they change."""
        self._keys = {one.slug: one.api_key for one in organizations.values()}

    def in_force(self, now: float) -> bool:
        used_up = self.count is not None and self.hits >= self.count
        return not used_up and (self.for_s is None or now < self.began_at + self.for_s)

    def strikes(self, call: Seen, now: float) -> bool:
        """Counts the hit."""
        if not self.in_force(now) or not self._is_for(call):
            return False
        if self.share < 1.0 and self._chance.random() >= self.share:
            return False
        self.hits += 1
        return True

    def _is_for(self, call: Seen) -> bool:
        if self.fault.until_key_changes and not self._has_old_key(call.caller):
            return False
        return (
            self.method in {None, call.method}
            and (
                self.organization is None
                or (call.caller is not None and call.caller.slug == self.organization)
            )
            and (self.path is None or fnmatchcase(call.path, self.path))
            and (
                self.session is None or (call.session is not None and fnmatchcase(call.session, self.session))
            )
        )

    def _has_old_key(self, caller: Organization | None) -> bool:
        return caller is not None and self._keys.setdefault(caller.slug, caller.api_key) == caller.api_key


class Rules:
    """In order: the first that strikes is the one that does. A session's own faults come before all others."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._of_sessions: dict[str, list[Rule]] = {}

    def put(self, rules: Iterable[Rule], organizations: Mapping[str, Organization]) -> None:
        """In the place of those there were."""
        self.rules = list(rules)
        for rule in self.rules:
            rule.remember(organizations)

    def add(self, rule: Rule, organizations: Mapping[str, Organization]) -> None:
        rule.remember(organizations)
        self.rules.append(rule)

    def clear(self) -> None:
        self.rules = []
        self._of_sessions.clear()

    def fault_for(self, call: Seen, now: float) -> Fault | None:
        if call.session is not None and magic.MARK in call.session:
            own = self._of_sessions.get(call.session)
            if own is None:
                own = self._of_sessions[call.session] = [
                    Rule(fault, count=count) for fault, count in magic.faults_of(call.session)
                ]
            for rule in own:
                if rule.strikes(call, now):
                    return rule.fault
        for rule in self.rules:
            if rule.strikes(call, now):
                return rule.fault
        return None
