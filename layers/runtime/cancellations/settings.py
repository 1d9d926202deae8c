"""What a deployment tells its functions, read from the environment once. No address has a default."""

from collections.abc import Mapping

from cancellations.errors import ConfigurationError
from cancellations.urls import fault_of_origin, is_loopback
from cancellations.values import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`prevail_url` replaces every organization's base_url where it is set; `account` is the AWS account.

    outcome_bus: the name of the bus that announcements go to; callback_queue_url: the queue of those to be posted.
    """

    ledger_table: str
    queue_url: str
    secrets_prefix: str
    account: str
    outcome_bus: str
    callback_queue_url: str
    prevail_url: str | None

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises ConfigurationError naming every variable that is missing or wrong."""
        names = (
            *("LEDGER_TABLE", "QUEUE_URL", "SECRETS_PREFIX", "ACCOUNT_ID"),
            *("OUTCOME_BUS", "CALLBACK_QUEUE_URL"),
        )
        faults = [
            f"environment: {name} is missing; the template sets it"
            for name in names
            if not environment.get(name)
        ]
        prevail_url = environment.get("PREVAIL_URL") or None
        if prevail_url and not is_loopback(prevail_url) and (fault := fault_of_origin(prevail_url)):
            faults.append(
                f"environment: PREVAIL_URL {fault[0]}; set the parameter PrevailUrl or leave it empty"
            )
        if faults:
            raise ConfigurationError(faults)
        table, queue, prefix, account, bus, callbacks = (environment[name] for name in names)
        return cls(table, queue, prefix, account, bus, callbacks, prevail_url)

    @property
    def under_test(self) -> bool:
        """Whether an emulator on this machine is in Prevail's place; other parties may be on it only then."""
        return self.prevail_url is not None and is_loopback(self.prevail_url)
