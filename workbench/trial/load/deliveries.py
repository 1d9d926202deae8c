"""What is posted: the story of events/webhook.json, each time for a session that nobody else knows."""

import uuid

from prevail.client import Emulator
from prevail.model import SessionReport
from stack import StackInfo
from trial.gallery import SAMPLES
from trial.senders import Senders, Webhook


class Deliveries:
    """`count` of them, from 0. Raises Refused where the stack has no source that posts."""

    def __init__(self, info: StackInfo, count: int) -> None:
        self._senders = Senders(info)
        self._source = self._senders.source_for(SAMPLES["webhook"])
        self._prefix = f"load-{uuid.uuid4().hex[:8]}-"
        self._count = count

    def session(self, number: int) -> str:
        return f"{self._prefix}{number}"

    def signed(self, number: int) -> Webhook:
        """Of this moment: a signature is good for some minutes, and a load may last longer."""
        return self._senders.webhook(self.session(number), without_email=True, source=self._source.name)

    def make_ready(self, prevail: Emulator) -> None:
        """Prevail knows all sessions."""
        (request,) = self.signed(0).requests
        prevail.put_sessions(
            {
                "remote_session_id": self.session(number),
                "organization": request.organization,
                "state": "ready",
            }
            for number in range(self._count)
        )

    def sessions(self, prevail: Emulator) -> list[SessionReport]:
        """What became of them at Prevail."""
        return [one for one in prevail.sessions() if one.remote_session_id.startswith(self._prefix)]
