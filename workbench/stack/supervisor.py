"""The process that owns a stack: starts the parts, watches them, and takes all of them down together.

Started by `stack.lifecycle`, which writes one line of JSON ({"plan": …, "detached": bool}) to its stdin and reads
lines of JSON from its stdout: {"progress": text}…, then {"ready": info}, then {"ended": reason, "code": n}. An
attached stack ends when its stdin does.
"""

import json
import os
import secrets
import selectors
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from stack import build, deploy, emulator, keys, layers, ministack, ports, sessions, surroundings
from stack.errors import StackError
from stack.info import OrganizationInfo, SourceInfo, StackInfo
from stack.places import StateFolder, require_environments
from stack.plan import Plan
from stack.processes import Guarded, identify
from stack.record import Record, held, remove_leftovers, write_info


class StopRequested(Exception):
    """A signal, or the end of stdin, asks for an orderly end."""


def main() -> int:
    order = json.loads(sys.stdin.readline())
    plan = Plan.from_dict(order["plan"])
    folder = StateFolder(plan.name)
    _listen_for_the_end(attached=not order["detached"])
    try:
        with held(folder):
            _supervise(plan, folder)
    except StopRequested:
        return _say_ended("stopped", 0)
    except StackError as error:
        return _say_ended(str(error), 1)
    return 0


def _listen_for_the_end(*, attached: bool) -> None:
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in ends:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    def watch_stdin() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    for number in ends:
        signal.signal(number, end)
    if attached:
        threading.Thread(target=watch_stdin, daemon=True).start()


def _supervise(plan: Plan, folder: StateFolder) -> None:
    """Returns never: raises StopRequested, or StackError when a part ends by itself."""
    remove_leftovers(folder)
    folder.ended.unlink(missing_ok=True)
    home = Path(tempfile.mkdtemp(prefix=f"cancelctl-{plan.name}-")).resolve()
    record = Record(secrets.token_hex(8), str(home), identify(os.getpid()))
    record.write(folder)
    stack = _Stack(plan, folder, home, record)
    try:
        _run(stack, folder)
    except StackError as error:
        folder.ended.write_text(f"{error}\n")
        raise
    finally:
        stack.down()
        shutil.rmtree(home, ignore_errors=True)
        remove_leftovers(folder)


def _run(stack: "_Stack", folder: StateFolder) -> None:
    try:
        _say({"ready": stack.up().as_dict()})
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"the local AWS refused a call: {error}. See {folder.log('ministack')}.") from error
    stack.watch()


class _Stack:
    def __init__(self, plan: Plan, folder: StateFolder, home: Path, record: Record) -> None:
        self._plan = plan
        self._folder = folder
        self._home = home
        self._record = record
        self._parts: list[Guarded] = []

    def up(self) -> StackInfo:
        plan, mark = self._plan, self._record.mark
        require_environments()
        for part in ("build", "deploy", "ministack", "emulator"):
            self._folder.log(part).write_bytes(b"")
        layers.keep(plan, self._folder.config)
        _say({"progress": "Building the functions and layers (sam build)"})
        with build.built_template(mark, self._folder.log("build")) as template:
            _say({"progress": "Starting ministack" + ("" if plan.prevail else " and the Prevail emulator")})
            endpoint, prevail_url = self._servers()
            _say({"progress": "Creating the secrets"})
            local_keys = keys.generate(plan)
            keys.store(plan, local_keys, deploy.local_settings()["SecretsPrefix"], endpoint)
            if not plan.prevail:
                emulator.register(prevail_url, local_keys.api_keys)
                sessions.seed(prevail_url, plan.organizations[0].slug)
            published = layers.publish(plan, endpoint, lambda step: _say({"progress": step}))
            _say({"progress": "Deploying template.yaml (sam deploy)"})
            self._deploy(template, deploy.overrides_for(plan, prevail_url, published), endpoint)
            outputs = deploy.outputs(endpoint)
            routes = deploy.require_routes(template, outputs["ApiId"], endpoint)
        info = self._info(endpoint, prevail_url, outputs, local_keys)
        _say({"progress": f"Checking the API ({len(routes)} routes)"})
        deploy.require_health(info.api_url, routes)
        write_info(self._folder, info.as_json())
        return info

    def _servers(self) -> tuple[str, str]:
        """The endpoint of the local AWS and the origin of Prevail's place."""
        if self._plan.prevail:
            return self._local_aws(), self._plan.prevail.url
        part = self._started(emulator.start(self._record.mark, self._home, self._folder.log("emulator")))
        endpoint = self._local_aws()
        return endpoint, emulator.wait(part)

    def _local_aws(self) -> str:
        mark, log = self._record.mark, self._folder.log("ministack")
        for _ in range(ports.TRIES):
            log.write_bytes(b"")
            part, endpoint = ministack.start(mark, self._home, log)
            if ministack.wait(self._started(part), endpoint, mark):
                return endpoint
            self._parts.remove(part)
            part.stop()
        raise StackError("no free port for ministack: another process took each one that was chosen.")

    def _started(self, part: Guarded) -> Guarded:
        self._parts.append(part)
        self._record = replace(self._record, parts=(*self._record.parts, part.process))
        self._record.write(self._folder)
        return part

    def _deploy(self, template: Path, overrides: list[str], endpoint: str) -> None:
        log = self._folder.log("deploy")
        sam = deploy.start_deploy(self._record.mark, template, overrides, endpoint, log)
        try:
            ended = self._first_to_end(sam)
        finally:
            sam.stop()
        if ended is not sam:
            raise _part_ended(ended)
        if code := sam.wait():
            raise deploy.failure(code, log)

    def _info(
        self, endpoint: str, prevail_url: str, outputs: Mapping[str, str], local_keys: keys.Keys
    ) -> StackInfo:
        plan = self._plan
        logs = ["build", "deploy", "supervisor", *(part.name for part in self._parts)]
        return StackInfo(
            name=plan.name,
            aws_endpoint_url=endpoint,
            region=surroundings.REGION,
            api_url=f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/$default",
            bus_name=outputs["BusName"],
            ledger_table=outputs["LedgerTable"],
            queue_url=outputs["QueueUrl"],
            dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
            bus_dead_letter_queue_url=outputs["BusDeadLetterQueueUrl"],
            prevail_url=prevail_url,
            prevail_emulated=plan.prevail is None,
            organizations=tuple(OrganizationInfo(o.slug) for o in plan.organizations),
            sources=tuple(
                SourceInfo(
                    name=s.name,
                    organizations=s.organizations,
                    verify=s.verify,
                    secret=local_keys.signing_secrets.get(s.name),
                    source=s.bus_source,
                    detail_type=s.detail_type,
                    account=s.account,
                    callback_secret=local_keys.callback_secrets.get(s.callback_secret or ""),
                )
                for s in plan.sources
            ),
            config=str(self._folder.config),
            pids={"supervisor": os.getpid(), **{part.name: part.process.pid for part in self._parts}},
            log_files={name: str(self._folder.log(name)) for name in logs},
        )

    def watch(self) -> None:
        """Raises StackError as soon as a part ends."""
        raise _part_ended(self._first_to_end())

    def _first_to_end(self, *others: Guarded) -> Guarded:
        with selectors.DefaultSelector() as pipes:
            for part in (*self._parts, *others):
                pipes.register(part.ended, selectors.EVENT_READ, part)
            ended: Guarded = pipes.select()[0][0].data
            return ended

    def down(self) -> None:
        for part in reversed(self._parts):
            part.stop()


def _part_ended(part: Guarded) -> StackError:
    return StackError(
        f"{part.name} ended unexpectedly (exit code {part.wait()}); all else was stopped. See {part.log}."
    )


def _say(line: Mapping[str, object]) -> None:
    try:
        print(json.dumps(line), flush=True)
    except BrokenPipeError:  # whoever started us is gone, or has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_ended(reason: str, code: int) -> int:
    print(reason, file=sys.stderr, flush=True)
    _say({"ended": reason, "code": code})
    return code


if __name__ == "__main__":
    sys.exit(main())
