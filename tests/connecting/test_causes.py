"""`cancelctl sources try` names the right cause: one row for each delivery that is broken in one way."""

import pytest

from connecting.arriving import Recorded
from connecting.broken import credentials, messages, readings, signatures

GROUPS = {
    "address": signatures.ADDRESSES,
    "writing": signatures.WRITING,
    "place": signatures.PLACES,
    "secret": signatures.SECRETS,
    "time": messages.TIMES,
    "template": messages.TEMPLATES,
    "body": messages.BODIES,
    "token": credentials.TOKENS,
    "shared": credentials.API_KEYS,
    "reading": readings.READING,
}
ROWS = {f"{group}: {name}": row for group, rows in GROUPS.items() for name, row in rows.items()}


@pytest.mark.parametrize(("one", "code", "said", "fix"), ROWS.values(), ids=ROWS)
def test_the_right_cause_is_named_and_no_other(one: Recorded, code: str, said: str, fix: str) -> None:
    causes = one.report().causes
    assert {cause.code for cause in causes} == set(code.split("+"))
    assert said in " ".join(cause.said for cause in causes)
    assert fix in " ".join(cause.fix for cause in causes)
