"""Secrets in the repository, looked for by detect-secrets, without a network.

The formats of known issuers are looked for everywhere; words and randomness that merely look like a secret, everywhere
but among tests and samples, which are full of keys that open nothing.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.places import CHECKOUT
from supply.tools import run

SAMPLES = ("tests", "events")
GUESSES = ("HexHighEntropyString", "Base64HighEntropyString", "KeywordDetector")

NONE = r"""secret\s?=\s?"[a-z0-9-]{1,40}"|SecretsPrefix|secretsmanager:|file://|noqa: S105 - """
"""Lines that name secrets and hold none, or say of themselves why they are none."""

type Place = tuple[str, str]
"""A file, and the kind of secret, in detect-secrets' word."""

TOKENS = (
    "cloudevents-batch",
    "cloudevents-binary",
    "cloudevents-structured",
    "jwt",
    "jwt-eddsa",
    "jwt-es256",
)

KNOWN: Mapping[Place, tuple[int, str]] = {
    ("docs/openapi.yaml", "Hex High Entropy String"): (2, "examples of ids"),
    ("docs/outcomes.md", "Secret Keyword"): (2, "what requests are held for, and how a secret is made"),
    ("docs/sources.md", "Secret Keyword"): (6, "what secrets look like, and how they are stored"),
    ("layers/runtime/cancellations/adapters/secrets.py", "Base64 High Entropy String"): (
        1,
        "a vendor's published key, which is refused",
    ),
    ("tests/fuzz/corpus.py", "Basic Auth Credentials"): (1, "an address that is refused"),
    ("tests/unit/test_urls.py", "Basic Auth Credentials"): (1, "an address that is refused"),
    ("workbench/bench/deliveries.py", "Secret Keyword"): (1, "signs nothing but what is measured"),
    ("workbench/bench/events.py", "Secret Keyword"): (1, "the beginning of secrets' names"),
    ("workbench/bench/fakes/aws.py", "Secret Keyword"): (1, "a service's name"),
    ("workbench/bench/hosts.py", "Secret Keyword"): (1, "a service's name"),
    ("workbench/prevail/demo.py", "Secret Keyword"): (1, "a placeholder"),
    ("workbench/trial/platform/faults.py", "Secret Keyword"): (2, "what a service says"),
    ("workbench/trial/rehearsal/credentials.py", "Secret Keyword"): (1, "words about a secret"),
    **{
        (f"events/{name}.json", "JSON Web Token"): (1, "signed by a key of events/secrets") for name in TOKENS
    },
}
"""How many of a kind a file holds that are none, and what they are; one more is looked at."""


@dataclass(frozen=True, slots=True)
class Leak:
    file: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}"


def leaks(root: Path = CHECKOUT, known: Mapping[Place, tuple[int, str]] = KNOWN) -> list[Leak]:
    """What git keeps track of below root and nobody has accounted for. Raises ToolFailed."""
    samples = [part for part in SAMPLES if (root / part).exists()]
    found = _scanned(root, ["--exclude-files", f"^({'|'.join(SAMPLES)})/"], ["."])
    if samples:
        found += _scanned(root, [word for guess in GUESSES for word in ("--disable-plugin", guess)], samples)
    return _unaccounted(sorted(found, key=str), known)


def _scanned(root: Path, how: list[str], where: list[str]) -> list[Leak]:
    told = json.loads(
        run("detect-secrets", "scan", "--no-verify", "--exclude-lines", NONE, *how, *where, cwd=root)
    )
    results: dict[str, list[dict[str, str]]] = told["results"]
    return [
        Leak(file, int(one["line_number"]), one["type"]) for file, all_of in results.items() for one in all_of
    ]


def _unaccounted(found: Iterable[Leak], known: Mapping[Place, tuple[int, str]]) -> list[Leak]:
    """All of a kind in a file where there are more than are known: nobody can tell which is the new one."""
    leaks = list(found)
    counted = Counter((leak.file, leak.kind) for leak in leaks)
    return [
        leak
        for leak in leaks
        if counted[leak.file, leak.kind] > known.get((leak.file, leak.kind), (0, ""))[0]
    ]
