"""organizations.toml: whose sessions may be canceled, and with which key."""

from typing import cast

from cancellations.configuration.files import File
from cancellations.configuration.keys import SECRET, tables_of
from cancellations.domain import OnRestored, OnUnknown, Organization
from cancellations.source import values
from cancellations.urls import fault_of_origin

ON_UNKNOWN = ("hold", "retry")
ON_RESTORED = ("review", "cancel")

PREVAIL = "prevail.ai"
"""The only host that Prevail documents."""

MAX_AT_ONCE = 50
"""More than that many at once need no limit of ours: the queue's own is lower."""


def organizations_in(file: File) -> dict[str, Organization]:
    found = {}
    for keys in tables_of(file):
        slug = keys.name(
            values.ORGANIZATION,
            "letters, digits, _ . -, at most 128; it is the company_id that Prevail knows",
        )
        base_url = keys.text("base_url", 'the origin of Prevail, such as "https://prevail.ai"')
        if base_url and (fault := fault_of_origin(base_url)):
            keys.fault("base_url", *fault)
        elif base_url and not _is_prevails(base_url):
            keys.warn(
                "base_url", "is not at prevail.ai, and its tokens go there", "check that it is Prevail's"
            )
        secret = keys.matching("secret", SECRET, "the secret's name")
        on_unknown = keys.one_of("on_unknown", ON_UNKNOWN, default="hold")
        found[slug] = Organization(
            slug,
            base_url,
            secret,
            cast("OnUnknown", on_unknown),
            retry_without_email=keys.yes_or_no("retry_without_email"),
            on_restored=cast("OnRestored", keys.one_of("on_restored", ON_RESTORED, default="review")),
            look_first=keys.yes_or_no("look_first"),
            deadline_s=keys.number("deadline_s", least=1, most=10),
            per_second=keys.number("requests_per_second", least=0.01, most=1000),
            at_once=keys.count("concurrent_requests", least=1, most=MAX_AT_ONCE),
        )
        keys.no_others()
    return found


def _is_prevails(base_url: str) -> bool:
    return f".{base_url.removeprefix('https://')}".endswith(f".{PREVAIL}")
