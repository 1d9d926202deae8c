"""A running stack as tests, the demo and people see it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OrganizationInfo:
    slug: str


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """`secret` signs the source's webhooks, None where public keys verify them.

    A bus source has `source` and `detail_type` instead, and `account` where that is not the stack's own.
    callback_secret: what its outcomes are signed with, where it is called back.
    """

    name: str
    organizations: tuple[str, ...]
    verify: str
    secret: str | None = field(default=None, repr=False)
    source: str | None = None
    detail_type: str | None = None
    account: str | None = None
    callback_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class StackInfo:
    """`pids` and `log_files` are by part: supervisor, ministack and, unless another server stands in, emulator.

    config: a folder with the configuration as it was when the stack was started.
    """

    name: str
    aws_endpoint_url: str
    region: str
    api_url: str
    bus_name: str
    ledger_table: str
    queue_url: str
    dead_letter_queue_url: str
    bus_dead_letter_queue_url: str
    prevail_url: str
    prevail_emulated: bool
    organizations: tuple[OrganizationInfo, ...]
    sources: tuple[SourceInfo, ...]
    config: str
    pids: Mapping[str, int]
    log_files: Mapping[str, str]

    def source(self, name: str) -> SourceInfo:
        """Raises KeyError."""
        return {source.name: source for source in self.sources}[name]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), indent=2)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "StackInfo":
        organizations = tuple(OrganizationInfo(**o) for o in plain["organizations"])
        sources = tuple(
            SourceInfo(**{**s, "organizations": tuple(s["organizations"])}) for s in plain["sources"]
        )
        return cls(**{**plain, "organizations": organizations, "sources": sources})
