"""Is the table there, and as the template has it?"""

from collections.abc import Iterator, Mapping
from typing import Any

from cancellations.adapters.aws import OPEN_INDEX
from oncall.finding import Finding, Unanswered, asked, failed, ok, skipped, warning
from oncall.visit import Visit

EXPIRY = "expires_at"
STREAM = "NEW_AND_OLD_IMAGES"
INDEX_KEYS = {"HASH": "open", "RANGE": "due_at"}
RECOVERY, PROTECTION = "point-in-time recovery", "deletion protection"


def look(visit: Visit) -> Iterator[Finding]:
    tables, name = visit.client("dynamodb"), visit.deployment.table
    table = asked(lambda: tables.describe_table(TableName=name)["Table"])
    if isinstance(table, Unanswered):
        yield table.found(f"table {name}")
        return
    yield _active(f"table {name}", table["TableStatus"])
    yield _index(table)
    yield from (_as_local(visit, finding) for finding in _settings(visit, table))


def _settings(visit: Visit, table: Mapping[str, Any]) -> Iterator[Finding]:
    tables, name = visit.client("dynamodb"), visit.deployment.table
    expiry = asked(lambda: tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"])
    yield expiry.found("time to live") if isinstance(expiry, Unanswered) else _expiry(expiry)
    backups = asked(
        lambda: tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    )
    yield backups.found(RECOVERY) if isinstance(backups, Unanswered) else _recovery(name, backups)
    yield _stream(table)
    wanted = visit.deployment.parameters.get("LedgerDeletionProtection") != "false"
    yield _protection(name, table, wanted=wanted)


def _as_local(visit: Visit, finding: Finding) -> Finding:
    """The local AWS leaves some settings of the template out, and its table is gone with the stack."""
    if visit.local and finding.status != "ok":
        return skipped(finding.name, "the local AWS does without")
    return finding


def _active(name: str, status: str) -> Finding:
    if status == "ACTIVE":
        return ok(name, status)
    return warning(name, status, "ask again in a minute; the table answers while it is UPDATING")


def _index(table: Mapping[str, Any]) -> Finding:
    name = f"index {OPEN_INDEX}"
    found = {one["IndexName"]: one for one in table.get("GlobalSecondaryIndexes", [])}.get(OPEN_INDEX)
    if found is None:
        return failed(name, "is missing: Sweep finds nothing of what is overdue", "deploy the stack anew")
    keys = {one["KeyType"]: one["AttributeName"] for one in found["KeySchema"]}
    if keys != INDEX_KEYS or found["Projection"]["ProjectionType"] != "ALL":
        return failed(
            name, f"has other keys than ours, or not every attribute: {keys}", "deploy the stack anew"
        )
    return _active(name, found.get("IndexStatus", "ACTIVE"))


def _expiry(found: Mapping[str, Any]) -> Finding:
    name, status, attribute = "time to live", found.get("TimeToLiveStatus"), found.get("AttributeName")
    if status in {"ENABLED", "ENABLING"} and attribute == EXPIRY:
        return ok(name, f"by {EXPIRY}")
    by = f" by {attribute}" if attribute else ""
    return warning(
        name, f"is {status}{by}: records stay for ever", f"deploy the stack anew; it is by {EXPIRY}"
    )


def _recovery(table: str, found: Mapping[str, Any]) -> Finding:
    if found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        return ok(RECOVERY, "is on")
    return warning(
        RECOVERY,
        "is off: a ledger that is lost is lost for good",
        f"aws dynamodb update-continuous-backups --table-name {table} "
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
    )


def _stream(table: Mapping[str, Any]) -> Finding:
    found = table.get("StreamSpecification") or {}
    if found.get("StreamEnabled") and found.get("StreamViewType") == STREAM:
        return ok("stream", STREAM)
    return warning(
        "stream", "is off, or has other images: no outcome can be announced", "deploy the stack anew"
    )


def _protection(name: str, table: Mapping[str, Any], *, wanted: bool) -> Finding:
    if table.get("DeletionProtectionEnabled"):
        return ok(PROTECTION, "is on")
    if not wanted:
        return ok(PROTECTION, "is off, as it was deployed: LedgerDeletionProtection=false")
    return warning(
        PROTECTION,
        "is off: one call deletes the ledger",
        f"aws dynamodb update-table --table-name {name} --deletion-protection-enabled",
    )
