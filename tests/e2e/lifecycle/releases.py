"""Releases of the application, and their deployment to a running stack by the real `sam deploy`."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stack import StackInfo, deploy, make_plan
from stack.build import built_template
from stack.places import CHECKOUT, DEFAULT_NAME, StateFolder
from stack.record import Record

MARK = "x-release"
"""A header by which a changed release says which one it is."""

_MARKED = """

_unmarked = handler


def handler(event, context):
    response = _unmarked(event, context)
    response.setdefault("headers", {})["HEADER"] = "NAME"
    return response
"""

_NEVER_READY = """
  NeverReadyHandle:
    Type: AWS::CloudFormation::WaitConditionHandle
  NeverReady:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: [ReceiveFunction, CancelFunction, SweepFunction]
    Properties:
      Handle: !Ref NeverReadyHandle
      Timeout: "1"
      Count: 1
"""
"""A resource that fails after the functions have been changed."""


@dataclass(frozen=True, slots=True)
class Release:
    """A built template, and what differs from the stack's own parameters."""

    template: Path
    parameters: Mapping[str, str] = field(default_factory=dict)

    def to(self, info: StackInfo, stack_name: str | None = None) -> bool:
        """Whether its deployment succeeds. `stack_name`: another than the stack's own."""
        folder = StateFolder(info.name)
        record = Record.read(folder)
        assert record
        overrides = deploy.overrides_for(make_plan(name=DEFAULT_NAME), info.prevail_url)
        kept = [one for one in overrides if one.partition("=")[0] not in self.parameters]
        changed = [f'{name}="{value}"' for name, value in self.parameters.items()]
        log = folder.log("deploy")
        sam = deploy.start_deploy(
            record.mark, self.template, kept + changed, info.aws_endpoint_url, log, stack_name=stack_name
        )
        try:
            return sam.wait() == 0
        finally:
            sam.stop()


def present(info: StackInfo, folder: Path) -> Release:
    """What the stack was deployed from."""
    record = Record.read(StateFolder(info.name))
    assert record
    with built_template(record.mark, StateFolder(info.name).log("build")) as template:
        shutil.copytree(template.parent, folder)
    copied = folder / template.name
    copied.write_text(copied.read_text().replace("../../../../", f"{CHECKOUT}/"))
    return Release(copied)


def changed(release: Release, folder: Path, name: str, **parameters: str) -> Release:
    """Other code in every function, and other parameters; its answers bear its name."""
    shutil.copytree(release.template.parent, folder)
    for door in folder.glob("*Function/app.py"):
        marked = _MARKED if door.parent.name == "ReceiveFunction" else "\n# NAME\n"
        door.write_text(door.read_text() + marked.replace("HEADER", MARK).replace("NAME", name))
    return Release(folder / release.template.name, parameters)


def never_ready(release: Release) -> Release:
    """The same, but for a resource that never comes up."""
    text = release.template.read_text()
    broken = release.template.with_name("never-ready.yaml")
    broken.write_text(text.replace("\nResources:\n", f"\nResources:{_NEVER_READY}", 1))
    return replace(release, template=broken)
