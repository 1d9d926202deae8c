"""The workflow that others copy is as careful as it should be, and whoever judges it would see if it were not."""

from pathlib import Path

import pytest

from supply import workflows

pytestmark = pytest.mark.stack
"""zizmor is fetched where it is not there yet."""

BROKEN = {
    "template-injection": ('"$ENVIRONMENT" --no-confirm', "${{ inputs.environment }} --no-confirm"),
    "unpinned-uses": ("@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0", "@v5"),
    "excessive-permissions": ("permissions: {}", "permissions: write-all"),
    "artipacked": ("persist-credentials: false", "persist-credentials: true"),
    "concurrency-limits": ("concurrency:\n  group: deploy-${{ inputs.environment || 'dev' }}\n", "env:\n"),
}


def test_the_example_workflow_has_no_fault() -> None:
    assert workflows.faults() == []


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_of_a_workflow_is_found(tmp_path: Path, fault: str) -> None:
    right, wrong = BROKEN[fault]
    text = workflows.EXAMPLE.read_text(encoding="utf-8")
    assert right in text
    workflow = tmp_path / "deploy.yml"
    workflow.write_text(text.replace(right, wrong), encoding="utf-8")
    assert fault in {line.split(" ")[0] for line in workflows.faults(workflow)}
