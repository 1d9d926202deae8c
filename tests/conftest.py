import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "stack: starts a part of the local stack or builds for it; left out of `make check`"
    )
