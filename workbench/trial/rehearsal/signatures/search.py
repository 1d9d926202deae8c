"""The search: every key and every message that may be meant, against the signatures of a delivery."""

import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from cancellations.domain import Delivery
from cancellations.errors import CancellationsError
from cancellations.ports import Stored
from cancellations.source.presets import PRESETS
from cancellations.source.verification import clocks
from cancellations.source.verification.keys import (
    DIGESTS,
    ENCODINGS,
    PUBLIC_PREFIX,
    Digest,
    Encoding,
    HmacKey,
    key_of,
)
from cancellations.source.verification.signed import Signed
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.headers import found, only
from trial.rehearsal.signatures import keys as meant
from trial.rehearsal.signatures.addresses import Seen
from trial.rehearsal.signatures.alphabets import DIGEST_SIZES
from trial.rehearsal.signatures.keys import KeyMeant
from trial.rehearsal.signatures.messages import Messages
from trial.rehearsal.signatures.places import Needle, needles

BUDGET_S = 1.2
"""For one delivery. A search that ends by it says so."""
MOST_CHANGES = 2

type Now = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Explained:
    """`causes`: none where nothing makes it fit. `tried`: combinations; `whole`: none was left out for time."""

    causes: tuple[Cause, ...]
    tried: int
    whole: bool = True
    by: str = ""


@dataclass
class Search:
    """`others`: secrets that are not the source's, by what they are called."""

    scheme: Signed
    table: Table
    delivery: Delivery
    stored: Sequence[Stored] = field(repr=False)
    others: Sequence[Stored] = field(default=(), repr=False)
    seen: Seen = field(default_factory=Seen)
    clock: Now = time.monotonic
    budget_s: float = BUDGET_S

    def __post_init__(self) -> None:
        self._tried = 0
        self._ends_at = self.clock() + self.budget_s
        self._needles = needles(self.delivery.headers, self.scheme.signature.header)
        self._by_raw = {needle.raw: needle for needle in reversed(self._needles)}
        self._digests = sorted({DIGEST_SIZES[len(needle.raw)] for needle in self._needles})
        self.messages = Messages(self.scheme, self.delivery, self.table, self.seen)

    @property
    def candidates(self) -> int:
        """How many texts of the headers have the form of a signature."""
        return len(self._needles)

    def explained(self) -> Explained:
        if preset := self._another_preset():
            return Explained((preset,), self._tried)
        for label, causes in self._fitting():
            return Explained(causes, self._tried, by=label)
        return Explained((), self._tried, self.clock() < self._ends_at)

    def _fitting(self) -> Iterator[tuple[str, tuple[Cause, ...]]]:
        every = {one.label: self._keys(one) for one in self.stored}
        theirs = {one.label: self._keys(one) for one in self.others}
        for changes in range(MOST_CHANGES + 1):
            for label, keys in every.items():
                yield from ((label, causes) for causes in self._by(keys, changes) if causes)
            for label, keys in theirs.items() if changes == 0 else ():
                for causes in self._by(keys, 0):
                    said = f"It fits the secret in {label}, which is not the one of this source."
                    fix = "Store that secret for this source, or send to the source whose secret it is."
                    yield label, (Cause("another-secret", said, fix), *causes)

    def _keys(self, one: Stored) -> list[KeyMeant]:
        return meant.keys(one.value, self.scheme.key, self.table)

    def _by(self, keys: list[KeyMeant], changes: int) -> Iterator[tuple[Cause, ...]]:
        """Everything that is wrong, for each combination of so many changes that makes a signature fit."""
        for of_key in range(changes + 1):
            some = [key for key in keys if len(key.causes) == of_key]
            if not some:
                continue
            for message in self.messages.changed(changes - of_key):
                if self.clock() > self._ends_at:
                    return
                signed = message.signed()
                for key in some:
                    if needle := self._fits(key.key, signed):
                        about = self._about(needle, key.key, signed)
                        yield (*key.causes, *message.causes, *about)
        if changes <= 1:
            yield from self._by_public_key(changes)

    def _fits(self, key: bytes, signed: bytes) -> Needle | None:
        for digest in self._digests:
            self._tried += 1
            mac = hmac.digest(key, signed, digest)
            if needle := self._by_raw.get(mac):
                return needle
        return None

    def _about(self, needle: Needle, key: bytes, signed: bytes) -> tuple[Cause, ...]:
        """What is unusual about how a signature is written, and where it is."""
        digest = DIGEST_SIZES[len(needle.raw)]
        writer = HmacKey(key, digest=cast("Digest", digest))
        known = [encoding for encoding in ENCODINGS if writer.mac(signed, encoding) == needle.text.value]
        return (
            *_of_digest(digest, self.scheme, self.table),
            *_of_alphabet(needle, known, self.scheme, self.table),
            *_of_place(needle, self.scheme, self.table, self.delivery),
        )

    def _by_public_key(self, changes: int) -> Iterator[tuple[Cause, ...]]:
        presented = found(self.scheme.signature, self.delivery.headers)
        for one in self.stored:
            if not one.value.startswith(PUBLIC_PREFIX):
                continue
            try:
                key = key_of(one.value, "standard", 1)
            except ValueError:
                continue
            for message in self.messages.changed(changes):
                self._tried += 1
                if key.signs(message.signed(), presented, "base64"):
                    yield message.causes

    def _another_preset(self) -> Cause | None:
        """A preset that takes the delivery as it is, under a secret at hand."""
        for name, preset in PRESETS.items():
            scheme = preset.scheme
            if name in ("hmac", self.table.verify) or not isinstance(scheme, Signed):
                continue
            if scheme == self.scheme or (preset.signs_url and not self.scheme.url):
                continue
            if any(
                self._takes(replace(scheme, url=self.scheme.url, least=1), one.value) for one in self.stored
            ):
                said = f"It is signed as {name} signs, not as {self.table.verify}."
                return Cause("another-preset", said, f'Write verify = "{name}" in [{self.table.source}].')
        return None

    def _takes(self, scheme: Signed, secret: str) -> bool:
        self._tried += 1
        try:
            sent_at = (
                clocks.moment(only(scheme.timestamp, self.delivery.headers), scheme.unit)
                if scheme.timestamp
                else 0
            )
            scheme.verify(self.delivery, scheme.keys_of(secret), sent_at)
        except (CancellationsError, ValueError):
            return False
        return True


def _of_digest(digest: str, scheme: Signed, table: Table) -> Iterator[Cause]:
    if digest == scheme.digest:
        return
    said = f"The signature is made with {digest}, not {scheme.digest}"
    if digest in DIGESTS:
        yield Cause("digest", f"{said}.", table.set("digest", digest))
    else:
        fix = "Let the sender sign with sha256; GitHub does so in x-hub-signature-256."
        yield Cause("digest-not-supported", f"{said}; {digest} is not supported.", fix)


def _of_alphabet(needle: Needle, known: Sequence[Encoding], scheme: Signed, table: Table) -> Iterator[Cause]:
    if scheme.encoding in known or (not known and needle.alphabet == scheme.encoding):  # padded or not
        return
    name = known[0] if known else needle.alphabet
    said = f"The signature is written in {name}, not in {scheme.encoding}"
    if known:
        yield Cause("encoding", f"{said}.", table.set("encoding", name))
    else:
        fix = f"Let the sender write its signature in {' or '.join(ENCODINGS)}."
        yield Cause("encoding", f"{said}; {name} is not supported.", fix)


def _of_place(needle: Needle, scheme: Signed, table: Table, delivery: Delivery) -> Iterator[Cause]:
    field, text = scheme.signature, needle.text
    marker = "v1," if scheme.key == "standard" else ""
    if text.header != field.header:
        said = f"The signature is in the header {text.header}, not in {field.header}."
        yield Cause("signature-header", said, table.set("header", text.header))
        return
    if marker + text.value in found(field, delivery.headers):
        return
    allowed = [prefix + marker for prefix in field.prefixes]
    wanted = " or ".join(map(repr, allowed))
    if text.lead not in allowed and text.lead.strip() not in allowed:
        said = f"Before the signature is {text.lead!r}, where {wanted} is expected."
        yield Cause("signature-prefix", said, table.set("prefix", text.lead))
        return
    before = delivery.headers[text.header].partition(text.lead + text.value)[0].rstrip()
    if before and before[-1] in ",;" and before[-1] != field.separator:
        said = f"The parts of the header are separated by {before[-1]!r}, not by {field.separator!r}."
        yield Cause("signature-separator", said, table.set("separator", before[-1]))
        return
    said = f"There is white space before {wanted}, or around the signature."
    yield Cause("signature-spaces", said, table.set("prefix", f" {allowed[0]}"))
