"""The published schema of outcomes, as whoever receives them would use it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from cancellations.domain import OUTCOMES
from cancellations.ports import Announcement

SCHEMA = Path(__file__).parents[1] / "docs" / "events" / "outcomes.schema.json"


@cache
def schema() -> Mapping[str, Any]:
    published: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return published


@cache
def _validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def described(detail_type: str) -> set[str]:
    """The fields that the schema speaks of."""
    own, common = schema()["$defs"][detail_type.replace(" ", "")], schema()["$defs"]["Request"]
    return {*own["properties"], *common["properties"]}


def faults_of(event: Mapping[str, Any]) -> list[str]:
    """What an event, as EventBridge hands it on, has that the schema does not allow or does not speak of."""
    wrong = [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(event)]
    unknown = set(event["detail"]) - described(event["detail-type"]) if not wrong else set()
    return wrong + sorted(unknown)


def as_event(announcement: Announcement) -> dict[str, Any]:
    """What of it whoever receives it reads."""
    detail = json.loads(json.dumps(dict(announcement.detail)))
    return {"source": OUTCOMES, "detail-type": announcement.detail_type, "detail": detail}
