"""The local AWS: ministack, on a free port of loopback, with everything it keeps in a folder of its own."""

import time
from pathlib import Path

from stack import processes, surroundings
from stack.errors import StackError
from stack.http_json import NoAnswer, ask
from stack.places import MINISTACK_PYTHON
from stack.ports import free_port
from stack.processes import Guarded

_START_WITHIN = 60.0


def start(mark: str, home: Path, log: Path) -> tuple[Guarded, str]:
    """Returns the process, which may not answer yet (see `wait`), and its endpoint URL."""
    port = free_port()
    environment = surroundings.for_part(home) | {
        processes.MARK: mark,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_EDITION": mark,  # shown by its health page: tells ours from another on the same port
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "DOCKER_HOST": f"unix://{home}/none",  # at start it removes containers it takes for its own
        "AWS_ACCESS_KEY_ID": surroundings.DUMMY_KEY,
        "AWS_SECRET_ACCESS_KEY": surroundings.DUMMY_KEY,
        "AWS_DEFAULT_REGION": surroundings.REGION,
    }
    command: list[str | Path] = [MINISTACK_PYTHON, "-m", "ministack"]
    part = processes.start("ministack", command, env=environment, cwd=home, log=log)
    return part, f"http://127.0.0.1:{port}"


def wait(part: Guarded, endpoint: str, mark: str) -> bool:
    """True once it answers; False if it ended because another process took its port. Raises StackError."""
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        if part.exit_code() is not None:
            if "already in use" in part.log.read_text(errors="replace"):
                return False
            raise StackError(f"ministack ended while starting. See {part.log}.")
        try:
            _, health = ask("GET", f"{endpoint}/_ministack/health")
        except NoAnswer:
            time.sleep(0.05)
            continue
        if isinstance(health, dict) and health.get("edition") == mark:
            return True
        time.sleep(0.05)
    raise StackError(f"ministack did not answer within {_START_WITHIN:.0f} s. See {part.log}.")
