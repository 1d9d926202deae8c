"""The local AWS stack that the real template.yaml is deployed to.

ministack, the Prevail emulator, `sam build` and `sam deploy`, started, watched and stopped as one.

from stack import local_stack, make_plan

with local_stack(make_plan(name="demo")) as stack:
    stack.info.api_url
"""

from stack.aws import client
from stack.errors import AlreadyRuns, NotRunning, Refused, StackError
from stack.info import OrganizationInfo, SourceInfo, StackInfo
from stack.lifecycle import RunningStack, local_stack, running, start_detached, stop
from stack.places import DEFAULT_NAME
from stack.plan import Plan, PrevailServer, make_plan, prevail_server

__all__ = [
    "DEFAULT_NAME",
    "AlreadyRuns",
    "NotRunning",
    "OrganizationInfo",
    "Plan",
    "PrevailServer",
    "Refused",
    "RunningStack",
    "SourceInfo",
    "StackError",
    "StackInfo",
    "client",
    "local_stack",
    "make_plan",
    "prevail_server",
    "running",
    "start_detached",
    "stop",
]
