"""What is fuzzed: a function of bytes each, that returns. Whatever it raises is a defect."""

from collections.abc import Callable

from fuzz import configuring, reading, verifying

TARGETS: dict[str, Callable[[bytes], None]] = {
    "verifier": verifying.verifier,
    "secrets": verifying.secrets,
    "reader": reading.reader,
    "mapper": reading.mapper,
    "configuration": reading.configuration,
    "addresses": configuring.addresses,
    "headers": configuring.headers,
    "expressions": configuring.expressions,
}
