"""What the stations of a checkup share: where everything is, and what those before have found out."""

from dataclasses import dataclass, field
from typing import Any

from cancellations.configuration import Configuration
from cancellations.ports import Clock
from oncall.deployment import Deployment


@dataclass(slots=True)
class Visit:
    """configuration: None until its files have loaded. api_keys: by slug, those that are of use."""

    deployment: Deployment
    clock: Clock
    configuration: Configuration | None = None
    api_keys: dict[str, str] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:  # noqa: ANN401 - a client has the methods of its service
        return self.deployment.client(service)

    @property
    def local(self) -> bool:
        return self.deployment.local
