"""The environment each part is started with: exactly what it needs, and never the developer's AWS credentials."""

import os
from collections.abc import Mapping
from pathlib import Path

from stack.places import PYTHON_WITH_PIP, SAM

REGION = "us-east-1"
ACCOUNT = "000000000000"  # the local AWS's own
DUMMY_KEY = "test"  # the local AWS asks for credentials and looks at none

_CERTIFICATES = (
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NIX_SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)
_WORDS = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ")
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy")
_LOOPBACK = "127.0.0.1,localhost"


def _picked(names: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def for_part(home: Path) -> dict[str, str]:
    """For ministack, with it the functions, and the emulator. An empty home keeps ~/.aws out of their sight."""
    return {
        **_picked(_WORDS + _CERTIFICATES),
        "HOME": str(home),
        "TMPDIR": str(home),
        "NO_PROXY": _LOOPBACK,
        "PYTHONUNBUFFERED": "1",
    }


def for_sam(endpoint: str | None) -> dict[str, str]:
    """For the SAM command line. Its pip needs the developer's index and proxies; the AWS calls must not see theirs."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    environment = {
        **_picked(_WORDS + _CERTIFICATES + _PROXIES + ("HOME", "TMPDIR")),
        **pip,
        "PATH": os.pathsep.join([str(PYTHON_WITH_PIP), str(SAM.parent), os.environ.get("PATH", os.defpath)]),
        "NO_PROXY": ",".join(filter(None, [_LOOPBACK, os.environ.get("NO_PROXY")])),
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",  # seconds; the five it waits by default are for the real cloud
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": DUMMY_KEY,
        "AWS_SECRET_ACCESS_KEY": DUMMY_KEY,
        "AWS_DEFAULT_REGION": REGION,
    }
    return environment | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})


def for_supervisor(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without its AWS settings (a profile that does not exist breaks every client) and
    without the key that reaches the supervisor another way."""
    kept = {
        name: value
        for name, value in environment.items()
        if name != "PREVAIL_API_KEY" and (not name.startswith("AWS_") or name in _CERTIFICATES)
    }
    return kept | {"NO_PROXY": ",".join(filter(None, [_LOOPBACK, environment.get("NO_PROXY")]))}
