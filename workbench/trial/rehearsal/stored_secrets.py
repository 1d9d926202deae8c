"""The stored secrets themselves: what can be seen in them, and whether they would be refused."""

from collections.abc import Iterator, Sequence

from cancellations.ports import Stored
from trial.rehearsal.causes import Cause, said
from trial.rehearsal.proving import OPEN, Besides
from trial.rehearsal.report import Finding, wrong
from trial.rehearsal.signatures import keys


def findings(
    stored: Sequence[Stored], besides: Besides, unusable: str | None, proven: Sequence[Cause]
) -> tuple[Finding, ...]:
    """proven: why the delivery does not fit; a fault that is among them is not told twice."""
    return tuple(_findings(stored, besides, unusable, proven))


def _findings(
    stored: Sequence[Stored], besides: Besides, unusable: str | None, proven: Sequence[Cause]
) -> Iterator[Finding]:
    for note in besides.notes:
        yield Finding("file", note, causes=(Cause("secret-bare", note, ""),))
    known = any(cause.code.startswith(("secret-", "key-form")) for cause in proven if cause.code not in OPEN)
    for one in stored:
        if meant := keys.obvious(one.value):
            known = True
            yield wrong(one.label, said(meant.causes), *meant.causes)
    for fault in besides.faults or ([unusable] if unusable else []):
        fix = "Store the secret as its sender shows it."
        causes = () if known else (Cause("secret-refused", f"It would be refused: {fault}.", fix),)
        yield wrong("refused", fault, *causes)
