"""What an endpoint has to say, by name."""

from dataclasses import dataclass

from prevail.assumed import AnswerName


@dataclass(frozen=True, slots=True)
class Reply:
    """A row of the table of answers, with a body where the row has none."""

    name: AnswerName
    body: object = None
