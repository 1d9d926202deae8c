"""The number of the line in a fault: that of the key, or of its table where the key is not there."""

from pathlib import Path

import pytest

from builders import faults_of, some_configuration

SOURCES = """\
# our CRM
[acme] # POST /v1/webhooks/acme
organization = "acme-legal"
verify = "standard-webhooks"
secret = "acme"
filter = "body.type == 'deposition.canceled'"

  [acme.request]
  remote_session_id = "body.id"
  reason = "body.reason"

["globex"]
organization = "acme-legal"
"verify" = "hmac"
secret = "globex"
hmac = { signed = "{timestamp}.{body}", timestamp_header = "x-time" }
request.event_id = [
  "body.id",
  "body.kind",
]
request.remote_session_id = "body.id"

[initech]
organization = { from = "body.account", map = { "1" = "acme-legal" } }
verify = "bus"

[initech.bus]
source = "com.initech"
detail_type = "Canceled"

[ initech . request ]
remote_session_id = "body.detail.id"
"""


def faults_with(directory: Path, old: str, new: str) -> tuple[str, ...]:
    """What is wrong once one line, or a part of it, is written in another way."""
    assert SOURCES.count(old) == 1
    some_configuration(directory).joinpath("sources.toml").write_text(SOURCES.replace(old, new), "utf-8")
    return faults_of(directory)


def test_the_configuration_as_it_stands_has_no_fault(tmp_path: Path) -> None:
    assert faults_with(tmp_path, "# our CRM", "# a CRM") == ()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        pytest.param('secret = "acme"', 'secret = "a b"', "5: [acme] secret", id="key"),
        pytest.param('secret = "acme"', 'secert = "acme"', "2: [acme] secret", id="missing-key"),
        pytest.param('secret = "acme"', '# secret = "acme"', "2: [acme] secret", id="key-in-a-comment"),
        pytest.param('reason = "body.reason"', "reason = 1", "10: [acme.request] reason", id="sub-table"),
        pytest.param(
            'remote_session_id = "body.id"\n  reason',
            "reason",
            "8: [acme.request] remote_session_id",
            id="missing-in-a-sub-table",
        ),
        pytest.param("  [acme.request]", "  [acme.requests]", "2: [acme] request", id="missing-sub-table"),
        pytest.param('"verify" = "hmac"', '"verify" = "hmca"', "14: [globex] verify", id="quoted-key"),
        pytest.param('secret = "globex"', "secret = 1", "15: [globex] secret", id="quoted-table"),
        pytest.param('"x-time"', '"X-Time"', "16: [globex.hmac] timestamp_header", id="inline-table"),
        pytest.param('"body.kind"', "1", "17: [globex.request] event_id", id="dotted-key-on-four-lines"),
        pytest.param(
            '"1" = "acme-legal"', '"1" = "x"', "24: [initech.organization.map] 1", id="inline-twice"
        ),
        pytest.param('"com.initech"', '"aws.s3"', "28: [initech.bus] source", id="key-after-many-lines"),
        pytest.param(
            '"body.detail.id"', '"("', "32: [initech.request] remote_session_id", id="blanks-in-a-title"
        ),
        pytest.param("# our CRM", "hooli = 1", "1: hooli", id="key-in-place-of-a-table"),
        pytest.param("# our CRM", 'hooli = { verify = "x" }', "1: [hooli] verify", id="inline-at-the-top"),
        pytest.param("[initech]", "[Initech]", "23: ['Initech']", id="title"),
    ],
)
def test_a_fault_names_the_line_it_stands_on(tmp_path: Path, old: str, new: str, place: str) -> None:
    faults = faults_with(tmp_path, old, new)
    assert [fault for fault in faults if fault.startswith(f"sources.toml:{place} ")], faults


def test_line_ends_of_windows_change_no_number(tmp_path: Path) -> None:
    written = SOURCES.replace('secret = "globex"', "secret = 1").replace("\n", "\r\n")
    some_configuration(tmp_path).joinpath("sources.toml").write_bytes(written.encode())
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("sources.toml:15: [globex] secret ")


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        pytest.param("", "organizations.toml has no table; ", id="no-table"),
        pytest.param("a = [", "organizations.toml is not TOML: ", id="no-end"),
    ],
)
def test_a_fault_of_a_whole_file_has_no_line_of_its_own(tmp_path: Path, written: str, fault: str) -> None:
    some_configuration(tmp_path).joinpath("organizations.toml").write_text(written, "utf-8")
    assert faults_of(tmp_path)[0].startswith(fault)


def test_a_fault_of_toml_has_the_line_of_the_parser(tmp_path: Path) -> None:
    some_configuration(tmp_path).joinpath("organizations.toml").write_text("a = 1\n[acme-legal\n", "utf-8")
    assert faults_of(tmp_path)[0].startswith("organizations.toml:2 is not TOML: ")
