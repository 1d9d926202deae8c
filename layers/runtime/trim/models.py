"""`python models.py DATA SERVICE:OPERATION,... ...`: leaves of botocore's data what these calls need, as plain JSON.

botocore reads the description of every operation of a service, and of every endpoint of all services, before it makes
its first client. How it signs, repeats and finds endpoints stays as it is: those files are not touched, or keep every
partition and every region.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MODEL, RULES = "service-2", "endpoint-rule-set-1"


def trim(data: Path, services: dict[str, set[str]]) -> None:
    for folder in data.iterdir():
        if folder.is_dir():
            if folder.name in services:
                _trim_service(folder, services[folder.name])
            else:
                shutil.rmtree(folder)
    endpoints = data / "endpoints.json"
    _write(endpoints, endpoints_of(_read(endpoints), set(services)))


def _trim_service(folder: Path, operations: set[str]) -> None:
    *older, newest = sorted(path for path in folder.iterdir() if path.is_dir())
    for version in older:
        shutil.rmtree(version)
    model, rules = _read(newest / f"{MODEL}.json"), _read(newest / f"{RULES}.json")
    shutil.rmtree(newest)
    newest.mkdir()
    _write(newest / f"{MODEL}.json", model_of(model, operations))
    _write(newest / f"{RULES}.json", rules)


def model_of(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """With these operations and what they speak of. Raises KeyError for one that is not there."""
    kept = {name: model["operations"][name] for name in sorted(operations)}
    named: set[str] = set()
    ahead = list(_shapes_in(kept))
    while ahead:
        if (shape := ahead.pop()) not in named:
            named.add(shape)
            ahead += _shapes_in(model["shapes"][shape])
    shapes = {name: shape for name, shape in model["shapes"].items() if name in named}
    trimmed: dict[str, Any] = _without_prose({**model, "operations": kept, "shapes": shapes})
    return trimmed


def endpoints_of(endpoints: dict[str, Any], services: set[str]) -> dict[str, Any]:
    """Every partition and region; of services these."""
    partitions = [
        {
            **partition,
            "services": {name: one for name, one in partition["services"].items() if name in services},
        }
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def _shapes_in(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes_in(value)


def _without_prose(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        prose = {name for name, value in part.items() if name == "documentation" and isinstance(value, str)}
        return {name: _without_prose(value) for name, value in part.items() if name not in prose}
    return [_without_prose(value) for value in part] if isinstance(part, list) else part


def _read(file: Path) -> dict[str, Any]:
    packed = file.with_name(file.name + ".gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else file.read_bytes()
    found: dict[str, Any] = json.loads(raw)
    return found


def _write(file: Path, document: dict[str, Any]) -> None:
    file.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def main() -> None:
    named = (argument.partition(":") for argument in sys.argv[2:])
    trim(Path(sys.argv[1]), {service: set(operations.split(",")) for service, _, operations in named})


if __name__ == "__main__":
    main()
