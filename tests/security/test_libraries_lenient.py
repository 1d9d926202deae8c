"""Where vendors' own libraries believe what is refused here, one line each; docs/security.md tells them."""

import base64
import time
from dataclasses import dataclass

import pytest
from slack_sdk.signature import SignatureVerifier

from security.official import LIBRARIES, Headers, hubspot_signed
from signing import BODY, SECRET, SENDERS, STANDARD_SECRET

NOW = int(time.time())
ARABIC = "".join(chr(ord("\u0660") + int(digit)) for digit in str(NOW))


@dataclass(frozen=True, slots=True)
class Case:
    preset: str
    headers: Headers
    body: bytes = BODY
    secret: str | None = None


def standard(message_id: str = "msg_1", prefix: str = "webhook", **changes: str) -> Headers:
    preset = "standard-webhooks" if prefix == "webhook" else "svix"
    library = LIBRARIES[preset]
    assert library.signs
    headers = library.signs(library.secret, message_id, NOW, BODY.decode())
    return headers | {f"{prefix}-{name}": value for name, value in changes.items()}


RIGHT = standard()["webhook-signature"]


def stripe_header(
    at: str | None = None, signature: str = "{}", more: str = "", signed_at: int = NOW
) -> Headers:
    library = LIBRARIES["stripe"]
    assert library.signs
    right = library.signs(library.secret, "", signed_at, BODY.decode())["stripe-signature"]
    bare = right.rpartition("=")[2]
    return {"stripe-signature": f"t={at or signed_at},v1={signature.format(bare)}{more}"}


def slack(timestamp: str) -> Headers:
    """Any spelling of the time, signed as it stands."""
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=BODY)
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}


def with_secret(secret: str) -> Case:
    library = LIBRARIES["standard-webhooks"]
    assert library.signs
    return Case("standard-webhooks", library.signs(secret, "msg_1", NOW, BODY.decode()), secret=secret)


def other_bits() -> str:
    """The last sign of 32 bytes in base64 says two bits less than it could."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return RIGHT[:-2] + alphabet[alphabet.index(RIGHT[-2]) + 1] + "="


THEY_BELIEVE = {
    # Standard Webhooks, and Svix, whose library is built on it.
    "base64 with other signs in it": Case(
        "standard-webhooks", standard(signature=RIGHT[:9] + "$$" + RIGHT[9:])
    ),
    "base64 with bits that say nothing": Case("standard-webhooks", standard(signature=other_bits())),
    "base64 with more padding": Case("standard-webhooks", standard(signature=RIGHT + "==")),
    "a signature with a line end": Case("standard-webhooks", standard(signature=RIGHT + "\n")),
    "the eleventh signature": Case("standard-webhooks", standard(signature="v1,AAAA " * 20 + RIGHT)),
    "a time with a fraction": Case("standard-webhooks", standard(timestamp=f"{NOW}.9")),
    "a time between blanks": Case("standard-webhooks", standard(timestamp=f" {NOW}\n")),
    "a time with a plus": Case("standard-webhooks", standard(timestamp=f"+{NOW}")),
    "a time with underscores": Case(
        "standard-webhooks", standard(timestamp=f"{str(NOW)[:4]}_{str(NOW)[4:]}")
    ),
    "a time with an exponent": Case("standard-webhooks", standard(timestamp=f"{NOW / 1e9}e9")),
    "a time with a zero before": Case("standard-webhooks", standard(timestamp=f"0{NOW}")),
    "a time in other digits": Case("standard-webhooks", standard(timestamp=ARABIC)),
    "an id with a dot": Case("standard-webhooks", standard("msg.1")),
    "an id with a control character": Case("standard-webhooks", standard("msg\t1")),
    "an id that is not ASCII": Case("standard-webhooks", standard("msg_é")),
    "an endless id": Case("standard-webhooks", standard("m" * 9000)),
    "headers of Standard Webhooks, sent to Svix": Case("svix", standard()),
    "a list of Svix with other signs": Case("svix", standard(prefix="svix", signature=RIGHT + "$$")),
    # Stripe
    "a time from the future": Case("stripe", stripe_header(signed_at=NOW + 10**6)),
    "a time of Stripe's between blanks": Case("stripe", stripe_header(f" {NOW}")),
    "a time of Stripe's with a plus": Case("stripe", stripe_header(f"+{NOW}")),
    "a time of Stripe's with underscores": Case("stripe", stripe_header(f"{str(NOW)[:4]}_{str(NOW)[4:]}")),
    "a time of Stripe's in other digits": Case("stripe", stripe_header(ARABIC)),
    "something behind the time": Case("stripe", stripe_header(f"{NOW}=junk")),
    "something behind the signature": Case("stripe", stripe_header(signature="{}=junk")),
    "two times, the first one signed": Case("stripe", stripe_header(more=",t=1")),
    "the eleventh signature of Stripe": Case("stripe", stripe_header(more="", signature="0,v1=" * 11 + "{}")),
    "another item that is not ASCII": Case("stripe", stripe_header(more=",v0=é")),
    # Slack
    "a time of Slack's between blanks": Case("slack", slack(f" {NOW}")),
    "a time of Slack's with a plus": Case("slack", slack(f"+{NOW}")),
    "a time of Slack's with underscores": Case("slack", slack(f"{str(NOW)[:4]}_{str(NOW)[4:]}")),
    "a time of Slack's in other digits": Case("slack", slack(ARABIC)),
    # HubSpot
    "a time of HubSpot's from the future": Case(
        "hubspot", hubspot_signed(SECRET, str((NOW + 10**6) * 1000), BODY.decode())
    ),
    "a time of HubSpot's with a fraction": Case(
        "hubspot", hubspot_signed(SECRET, f"{NOW}000.5", BODY.decode())
    ),
    "a time of HubSpot's with an exponent": Case(
        "hubspot", hubspot_signed(SECRET, f"{NOW}e3", BODY.decode())
    ),
    "a time of HubSpot's in other digits": Case(
        "hubspot", hubspot_signed(SECRET, f"{ARABIC}000", BODY.decode())
    ),
}


@pytest.mark.parametrize("case", THEY_BELIEVE.values(), ids=THEY_BELIEVE)
def test_they_believe_what_is_refused_here(case: Case) -> None:
    library = LIBRARIES[case.preset]
    assert library.verdict(case.headers, case.body)
    assert not library.ours(case.headers, case.body)


def test_a_key_without_padding_or_with_other_signs_or_too_short_is_no_fault_to_them() -> None:
    short = "whsec_" + base64.b64encode(b"short").decode()
    public = "whpk_" + STANDARD_SECRET.removeprefix("whsec_")
    for secret in (STANDARD_SECRET.rstrip("="), STANDARD_SECRET + "$", short, public):
        case = with_secret(secret)
        assert LIBRARIES[case.preset].verdict(case.headers, case.body, secret)
    for secret in (STANDARD_SECRET.rstrip("="), STANDARD_SECRET + "$", short):
        with pytest.raises(ValueError, match=r"^(must|holds) "):
            SENDERS["standard-webhooks"].scheme.keys_of(secret)
    assert not LIBRARIES["standard-webhooks"].ours(with_secret(public).headers, BODY, public)


def not_utf8(preset: str) -> Case:
    body = b"\xff"
    return Case(preset, dict(SENDERS[preset].delivery(body, at=NOW).headers), body)


THEY_REFUSE = {
    # By accident: ValueError, where one item of the list cannot be read, before or beside the right one.
    "an item without a comma before the right one": Case(
        "standard-webhooks", standard(signature=f"broken {RIGHT}")
    ),
    "an item that is no base64 before the right one": Case(
        "standard-webhooks", standard(signature=f"v1,A {RIGHT}")
    ),
    "two blanks between items": Case("standard-webhooks", standard(signature=f"v1,AAAA  {RIGHT}")),
    # Bytes are signed here, texts there. Whether they can be read is the reader's to say: 400 and not 401.
    **{f"a body of {preset} that is not UTF-8": not_utf8(preset) for preset in LIBRARIES},
    "an empty body of Square": Case("square", dict(SENDERS["square"].delivery(b"").headers), b""),
}


@pytest.mark.parametrize("case", THEY_REFUSE.values(), ids=THEY_REFUSE)
def test_they_refuse_what_is_rightly_signed(case: Case) -> None:
    library = LIBRARIES[case.preset]
    assert not library.verdict(case.headers, case.body)
    assert library.ours(case.headers, case.body)
