"""Where vendors' own libraries believe what is refused here, one line each; docs/security.md tells them."""

import base64
import time
from dataclasses import dataclass

import pytest
from slack_sdk.signature import SignatureVerifier

from security.official import LIBRARIES, Headers, hubspot_signed
from signing import BODY, SECRET, SENDERS, STANDARD_SECRET


@dataclass(frozen=True, slots=True)
class Case:
    preset: str
    headers: Headers
    body: bytes = BODY
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class At:
    """Deliveries of one moment: the libraries know no other time than the present."""

    now: int

    @property
    def digits(self) -> str:
        return "".join(chr(ord("\u0660") + int(digit)) for digit in str(self.now))

    @property
    def right(self) -> str:
        return self.standard()["webhook-signature"]

    def standard(self, message_id: str = "msg_1", prefix: str = "webhook", **changes: str) -> Headers:
        preset = "standard-webhooks" if prefix == "webhook" else "svix"
        library = LIBRARIES[preset]
        assert library.signs
        headers = library.signs(library.secret, message_id, self.now, BODY.decode())
        return headers | {f"{prefix}-{name}": value for name, value in changes.items()}

    def stripe(
        self, at: str | None = None, signature: str = "{}", more: str = "", signed_at: int | None = None
    ) -> Headers:
        library = LIBRARIES["stripe"]
        assert library.signs
        right = library.signs(library.secret, "", signed_at or self.now, BODY.decode())["stripe-signature"]
        bare = right.rpartition("=")[2]
        return {"stripe-signature": f"t={at or signed_at or self.now},v1={signature.format(bare)}{more}"}

    @staticmethod
    def slack(timestamp: str) -> Headers:
        """Any spelling of the time, signed as it stands."""
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=BODY)
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}

    def with_secret(self, secret: str) -> Case:
        library = LIBRARIES["standard-webhooks"]
        assert library.signs
        return Case(
            "standard-webhooks", library.signs(secret, "msg_1", self.now, BODY.decode()), secret=secret
        )

    def other_bits(self) -> str:
        """The last sign of 32 bytes in base64 says two bits less than it could."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return self.right[:-2] + alphabet[alphabet.index(self.right[-2]) + 1] + "="

    def not_utf8(self, preset: str) -> Case:
        body = b"\xff"
        return Case(preset, dict(SENDERS[preset].delivery(body, at=self.now).headers), body)


def they_believe(now: float) -> dict[str, Case]:
    at = At(int(now))
    return {
        # Standard Webhooks, and Svix, whose library is built on it.
        "base64 with other signs in it": Case(
            "standard-webhooks", at.standard(signature=at.right[:9] + "$$" + at.right[9:])
        ),
        "base64 with bits that say nothing": Case(
            "standard-webhooks", at.standard(signature=at.other_bits())
        ),
        "base64 with more padding": Case("standard-webhooks", at.standard(signature=at.right + "==")),
        "a signature with a line end": Case("standard-webhooks", at.standard(signature=at.right + "\n")),
        "the eleventh signature": Case(
            "standard-webhooks", at.standard(signature="v1,AAAA " * 20 + at.right)
        ),
        "a time with a fraction": Case("standard-webhooks", at.standard(timestamp=f"{at.now}.9")),
        "a time between blanks": Case("standard-webhooks", at.standard(timestamp=f" {at.now}\n")),
        "a time with a plus": Case("standard-webhooks", at.standard(timestamp=f"+{at.now}")),
        "a time with underscores": Case(
            "standard-webhooks", at.standard(timestamp=f"{str(at.now)[:4]}_{str(at.now)[4:]}")
        ),
        "a time with an exponent": Case("standard-webhooks", at.standard(timestamp=f"{at.now / 1e9}e9")),
        "a time with a zero before": Case("standard-webhooks", at.standard(timestamp=f"0{at.now}")),
        "a time in other digits": Case("standard-webhooks", at.standard(timestamp=at.digits)),
        "an id with a dot": Case("standard-webhooks", at.standard("msg.1")),
        "an id with a control character": Case("standard-webhooks", at.standard("msg\t1")),
        "an id that is not ASCII": Case("standard-webhooks", at.standard("msg_é")),
        "an endless id": Case("standard-webhooks", at.standard("m" * 9000)),
        "headers of Standard Webhooks, sent to Svix": Case("svix", at.standard()),
        "a list of Svix with other signs": Case(
            "svix", at.standard(prefix="svix", signature=at.right + "$$")
        ),
        # Stripe
        "a time from the future": Case("stripe", at.stripe(signed_at=at.now + 10**6)),
        "a time of Stripe's between blanks": Case("stripe", at.stripe(f" {at.now}")),
        "a time of Stripe's with a plus": Case("stripe", at.stripe(f"+{at.now}")),
        "a time of Stripe's with underscores": Case(
            "stripe", at.stripe(f"{str(at.now)[:4]}_{str(at.now)[4:]}")
        ),
        "a time of Stripe's in other digits": Case("stripe", at.stripe(at.digits)),
        "something behind the time": Case("stripe", at.stripe(f"{at.now}=junk")),
        "something behind the signature": Case("stripe", at.stripe(signature="{}=junk")),
        "two times, the first one signed": Case("stripe", at.stripe(more=",t=1")),
        "the eleventh signature of Stripe": Case("stripe", at.stripe(more="", signature="0,v1=" * 11 + "{}")),
        "another item that is not ASCII": Case("stripe", at.stripe(more=",v0=é")),
        # Slack
        "a time of Slack's between blanks": Case("slack", at.slack(f" {at.now}")),
        "a time of Slack's with a plus": Case("slack", at.slack(f"+{at.now}")),
        "a time of Slack's with underscores": Case("slack", at.slack(f"{str(at.now)[:4]}_{str(at.now)[4:]}")),
        "a time of Slack's in other digits": Case("slack", at.slack(at.digits)),
        # HubSpot
        "a time of HubSpot's from the future": Case(
            "hubspot", hubspot_signed(SECRET, str((at.now + 10**6) * 1000), BODY.decode())
        ),
        "a time of HubSpot's with a fraction": Case(
            "hubspot", hubspot_signed(SECRET, f"{at.now}000.5", BODY.decode())
        ),
        "a time of HubSpot's with an exponent": Case(
            "hubspot", hubspot_signed(SECRET, f"{at.now}e3", BODY.decode())
        ),
        "a time of HubSpot's in other digits": Case(
            "hubspot", hubspot_signed(SECRET, f"{at.digits}000", BODY.decode())
        ),
    }


@pytest.mark.parametrize("name", they_believe(0))
def test_they_believe_what_is_refused_here(name: str) -> None:
    case = they_believe(time.time())[name]
    library = LIBRARIES[case.preset]
    assert library.verdict(case.headers, case.body)
    assert not library.ours(case.headers, case.body)


def test_a_key_without_padding_or_with_other_signs_or_too_short_is_no_fault_to_them() -> None:
    short = "whsec_" + base64.b64encode(b"short").decode()
    public = "whpk_" + STANDARD_SECRET.removeprefix("whsec_")
    for secret in (STANDARD_SECRET.rstrip("="), STANDARD_SECRET + "$", short, public):
        case = At(int(time.time())).with_secret(secret)
        assert LIBRARIES[case.preset].verdict(case.headers, case.body, secret)
    for secret in (STANDARD_SECRET.rstrip("="), STANDARD_SECRET + "$", short):
        with pytest.raises(ValueError, match=r"^(must|holds) "):
            SENDERS["standard-webhooks"].scheme.keys_of(secret)
    assert not LIBRARIES["standard-webhooks"].ours(
        At(int(time.time())).with_secret(public).headers, BODY, public
    )


def they_refuse(now: float) -> dict[str, Case]:
    at = At(int(now))
    return {
        # By accident: ValueError, where one item of the list cannot be read, before or beside the right one.
        "an item without a comma before the right one": Case(
            "standard-webhooks", at.standard(signature=f"broken {at.right}")
        ),
        "an item that is no base64 before the right one": Case(
            "standard-webhooks", at.standard(signature=f"v1,A {at.right}")
        ),
        "two blanks between items": Case("standard-webhooks", at.standard(signature=f"v1,AAAA  {at.right}")),
        # Bytes are signed here, texts there. Whether they can be read is the reader's to say: 400 and not 401.
        **{f"a body of {preset} that is not UTF-8": at.not_utf8(preset) for preset in LIBRARIES},
        "an empty body of Square": Case("square", dict(SENDERS["square"].delivery(b"").headers), b""),
    }


@pytest.mark.parametrize("name", they_refuse(0))
def test_they_refuse_what_is_rightly_signed(name: str) -> None:
    case = they_refuse(time.time())[name]
    library = LIBRARIES[case.preset]
    assert not library.verdict(case.headers, case.body)
    assert library.ours(case.headers, case.body)
