"""Does the door answer?"""

from collections.abc import Iterator
from http import HTTPStatus

from oncall.finding import Finding, failed, ok, skipped
from oncall.visit import Visit
from stack.http_json import NoAnswer, ask

FIX = "look at the log of Receive, and at the API's in CloudWatch"


def look(visit: Visit) -> Iterator[Finding]:
    url = visit.deployment.api_url
    if url is None:
        yield skipped("health", "where it is, only a stack tells", "--stack STACK")
        return
    try:
        status, _ = ask("GET", f"{url}/v1/health", timeout=30)
    except NoAnswer:
        yield failed("health", f"nothing answers at {url}", FIX)
        return
    if status == HTTPStatus.OK:
        yield ok("health", f"{url} answers")
    else:
        yield failed("health", f"{url}/v1/health answers HTTP {status}", FIX)
