"""Why a signature does not fit: the usual mistakes, tried one at a time. Whichever makes it fit is the one."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cancellations.ports import Stored
from cancellations.source.verification.keys import DIGESTS, ENCODINGS, FORMS
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import Name, read

TEMPLATES = (
    "{body}",
    "{timestamp}.{body}",
    "{timestamp}{body}",
    "{body}{timestamp}",
    "{id}.{timestamp}.{body}",
    "{url}{body}",
)


@dataclass(frozen=True, slots=True)
class _Guess:
    scheme: Signed
    secret: str
    values: dict[Name, bytes]
    mend: str

    def fits(self, presented: list[str]) -> bool:
        try:
            keys = replace(self.scheme, least=1).keys_of(self.secret)
        except ValueError:
            return False
        signed = self.scheme.template.filled(self.values)
        return any(key.signs(signed, presented, self.scheme.encoding) for key in keys)


def explained(
    scheme: Signed, values: dict[Name, bytes], presented: list[str], stored: Sequence[Stored]
) -> str | None:
    """How to mend it; None where no guess makes it fit."""
    for one in stored:
        asked = _Guess(scheme, one.value, values, "The sender writes hexadecimal digits in upper case.")
        if asked.fits([signature.lower() for signature in presented]):
            return asked.mend
        for guess in _guesses(asked):
            if guess.fits(presented):
                return guess.mend
    return None


def _guesses(asked: _Guess) -> Iterator[_Guess]:
    scheme = asked.scheme
    yield from _bodies(asked)
    stripped = asked.secret.strip()
    yield replace(asked, secret=stripped, mend="The secret has white space around it: store it alone.")
    for form in FORMS:
        mend = f"The key is the secret read as {form}, not as {scheme.key}: key = {form!r}."
        yield replace(asked, scheme=replace(scheme, key=form), mend=mend)
    for encoding in ENCODINGS:
        mend = f"The signature is written in {encoding}, not {scheme.encoding}: encoding = {encoding!r}."
        yield replace(asked, scheme=replace(scheme, encoding=encoding), mend=mend)
    for digest in DIGESTS:
        mend = f"The signature is made with {digest}, not {scheme.digest}: digest = {digest!r}."
        yield replace(asked, scheme=replace(scheme, digest=digest), mend=mend)
    for written in TEMPLATES:
        mend = f"What is signed is {written}: signed = {written!r}."
        yield replace(asked, scheme=replace(scheme, template=read(written)), mend=mend)
    if "url" in scheme.template:
        for url in (scheme.url.rstrip("/"), scheme.url + "/"):
            mend = f"The sender has the address {url}: write public_url so."
            yield replace(asked, values={**asked.values, "url": url.encode()}, mend=mend)


def _bodies(asked: _Guess) -> Iterator[_Guess]:
    body = asked.values["body"]
    plain = body.replace(b"\r\n", b"\n")
    others = {
        body.rstrip(b"\r\n"): "The body was sent without the line break at its end: save it without one.",
        body + b"\n": "The body was sent with a line break at its end, which the file lacks.",
        plain: "The body was sent with plain line breaks; the file has CR LF.",
        plain.replace(b"\n", b"\r\n"): "The body was sent with CR LF; the file has LF alone.",
        body.removeprefix(BOM_UTF8): "The file begins with a byte order mark, which was not sent.",
    }
    for other, mend in others.items():
        yield replace(asked, values={**asked.values, "body": other}, mend=mend)
