"""A configuration of one organization and two sources, to be broken or used."""

from pathlib import Path

import pytest

ORGANIZATIONS = """
[acme]
base_url = "https://prevail.example"
secret = "acme-key"
"""
SOURCES = """
[casework]
organization = "acme"
verify = "standard-webhooks"
secret = "casework"
filter = "body.type == 'deposition.canceled'"
[casework.request]
remote_session_id = "body.session"
cancel_without_email = false

[crm]
organization = "acme"
verify = "bus"
bus = { source = "com.acme.crm", detail_type = "Deposition Canceled" }
[crm.request]
remote_session_id = "body.detail.session"
cancel_without_email = false
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "organizations.toml").write_text(ORGANIZATIONS)
    (folder / "sources.toml").write_text(SOURCES)
    return folder
