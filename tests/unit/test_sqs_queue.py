"""What is put on the queue: each message names its organization, else one that asks for much delays all others."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from builders import NOW, a_request
from cancellations.adapters.aws import LONGEST_DELAY_S, SqsQueue
from cancellations.domain import KNOWN, NEW, Progress
from fakes import Clock


@dataclass
class Client:
    """As botocore's: `sent` remembers what it was called with."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **sent: Any) -> None:  # noqa: ANN401 - as the client of SQS is called
        self.sent.append(sent)


@pytest.mark.parametrize("delay", [0, 1, LONGEST_DELAY_S, LONGEST_DELAY_S + 1])
@pytest.mark.parametrize("progress", [NEW, KNOWN, Progress(counted=True, slot=NOW)])
def test_every_message_names_its_organization_as_its_group(delay: int, progress: Progress) -> None:
    client = Client()
    queue = SqsQueue(cast("Any", client), "queue", Clock(NOW))
    queue.send(a_request(organization="globex-law"), delay, progress)
    (sent,) = client.sent
    assert sent["MessageGroupId"] == "globex-law"
