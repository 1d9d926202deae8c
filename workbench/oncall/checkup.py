"""Everything between a delivery and Prevail, station by station. Nothing on the way is changed."""

from collections.abc import Callable, Iterator

from oncall.finding import Finding
from oncall.stations import (
    api,
    bus,
    configuration,
    functions,
    guards,
    ledger,
    prevail,
    queues,
    requests,
    secrets,
)
from oncall.visit import Visit

type Station = Callable[[Visit], Iterator[Finding]]

STATIONS: tuple[tuple[str, Station], ...] = (
    ("Configuration", configuration.look),
    ("Secrets", secrets.look),
    ("API", api.look),
    ("Bus", bus.look),
    ("Functions", functions.look),
    ("Queues", queues.look),
    ("Ledger", ledger.look),
    ("Requests", requests.look),
    ("Guards", guards.look),
    ("Prevail", prevail.look),
)
"""In the order of the way; the configuration and the secrets, which the others need, come first."""
