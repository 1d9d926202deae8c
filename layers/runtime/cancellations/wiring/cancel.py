"""What the cancel function runs."""

import random
from functools import cache, partial

from cancellations.adapters import metrics
from cancellations.adapters.keyring import KeptKeyring
from cancellations.adapters.prevail import PrevailApi
from cancellations.adapters.secrets import API_KEYS, OrganizationKeys
from cancellations.attempt import CALL_S
from cancellations.calls import tools
from cancellations.cancel import Cancel
from cancellations.intake import Intake
from cancellations.lookup import Lookup
from cancellations.wiring import process
from cancellations.wiring.configured import configuration, stored
from cancellations.wiring.requests import admission, settlement
from cancellations.work import Work


@cache
def work() -> Work:
    """Made when the process starts. Raises ConfigurationError."""
    settings, known, clock = process.settings(), configuration(), process.clock
    if settings.prevail_url:
        known = known.at_origin(settings.prevail_url)
    table, jitter = process.table(), random.SystemRandom().random
    secrets = KeptKeyring(stored(API_KEYS), clock, keep_faults=False)
    keys, prevail = OrganizationKeys(secrets), PrevailApi(clock, total_s=CALL_S)
    using = tools(table, clock, process.sleep, jitter, keys=keys, prevail=prevail, heard=metrics.of_call)
    cancel = Cancel(known.organizations, known.caps, settlement(), using)
    intake = Intake(Lookup(table))
    wired = Work(tuple(known.sources.values()), settings.account, intake, admission(), cancel, clock)

    def renew() -> None:
        prevail.close()
        secrets.forget_all()

    origins = {one.base_url: one for one in known.organizations.values()}
    process.start(
        renew,
        [partial(process.aws().open, "dynamodb")],
        [partial(keys.api_key, one) for one in known.organizations.values()],
        [partial(prevail.open, one) for one in origins.values()],
    )
    return wired
