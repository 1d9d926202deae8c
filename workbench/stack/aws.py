"""Clients for the local AWS. They read no file and no variable of the developer's."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, cast

from stack.surroundings import DUMMY_KEY, REGION


class Client(Protocol):
    """An AWS client as botocore builds it: one method per operation of the service, parameters by keyword."""

    def __getattr__(self, operation: str) -> Callable[..., Any]: ...

    def close(self) -> None: ...


# Where botocore looks for each setting: (key in the config file, environment variable, default, cast).
_NOTHING_OF_THE_DEVELOPERS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def client(service: str, endpoint: str) -> Client:
    """A client for a service of the stack at this endpoint, such as client("sqs", info.aws_endpoint_url)."""
    import botocore.session  # noqa: PLC0415  # half a second, which `cancelctl local info` need not spend
    from botocore.config import Config  # noqa: PLC0415  # as above

    session = botocore.session.Session(session_vars=_NOTHING_OF_THE_DEVELOPERS)
    built = session.create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=DUMMY_KEY,
        aws_secret_access_key=DUMMY_KEY,
        config=Config(proxies={}, retries={"mode": "standard", "max_attempts": 3}, read_timeout=30),
    )
    return cast(Client, built)


def pages(aws: Client, operation: str, key: str, **parameters: object) -> Iterator[Mapping[str, Any]]:
    """Every item under `key` over all pages of an operation."""
    for page in aws.get_paginator(operation).paginate(**parameters):
        yield from page.get(key, [])
