"""The TLS context of a process, with certifi's roots.

To read them all costs more than all that is said afterwards. So it is done once, and where the layer brings them as a
folder (layers/runtime/trim/roots.py), each is read when somebody's certificate is signed with it.
"""

import ssl
from functools import cache
from pathlib import Path

import certifi

ROOTS = "roots"
"""The folder's name, beside the bundle."""


def context(roots: str | None = None) -> ssl.SSLContext:
    """Verifies certificates and host names, whoever connects. roots: a bundle or a folder in place of certifi's."""
    if roots:
        return _trusting(Path(roots))
    bundle = Path(certifi.where())
    return _trusting(bundle.with_name(ROOTS) if bundle.with_name(ROOTS).is_dir() else bundle)


@cache
def _trusting(roots: Path) -> ssl.SSLContext:
    if roots.is_dir():
        return ssl.create_default_context(capath=str(roots))
    return ssl.create_default_context(cafile=str(roots))
