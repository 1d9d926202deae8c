"""`python -m bench.fakes FILE`: plays what the file describes, and obeys one JSON command a line on standard input.

It answers every line with a line, the first of all with its ports, and ends with its input.
"""

import asyncio
import json
import ssl
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.fakes.aws import Aws
from bench.fakes.http import Site
from bench.fakes.prevail import Prevail
from bench.fakes.table import Table


class Fakes:
    def __init__(self, described: dict[str, Any]) -> None:
        self._tables = {
            name: Table(keys["key"], tuple(keys["index"])) for name, keys in described["tables"].items()
        }
        self._aws = Aws(self._tables, described["secrets"])
        self._prevail = Prevail(**described["prevail"])
        self._sites = {
            host: Site(self._prevail if host == described["prevail_host"] else self._aws)
            for host in described["hosts"]
        }
        self._certificate = described["certificate"]

    async def serve(self) -> dict[str, int]:
        """Ports by host."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return {host: await site.serve(context) for host, site in self._sites.items()}

    def obey(self, command: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        match command:
            case {"do": "lay", "operation": operation, "call": call}:
                return self._laid(operation, call)
            case {"do": "told"}:
                return self._told()
            case {"do": "forget"}:
                return self._forget()
            case {"do": "empty"}:
                for table in self._tables.values():
                    table.items.clear()
            case {"do": what, "hosts": hosts, **details}:
                for host in hosts:
                    self._sites[host].obey(what, **details)
        return None

    def _laid(self, operation: str, call: dict[str, Any]) -> int:
        units = self._tables[call["TableName"]].units
        before = replace(units)
        status = self._aws.dynamodb(operation, call).status
        units.write, units.index, units.read = before.write, before.index, before.read
        return status

    def _told(self) -> dict[str, Any]:
        return {
            "calls": {**self._aws.calls, **self._prevail.calls},
            "units": {name: asdict(table.units) for name, table in self._tables.items()},
            "connections": {host: site.connections for host, site in self._sites.items()},
            "patched": self._prevail.patched,
            "sent": self._aws.sent,
            "items": {name: len(table.items) for name, table in self._tables.items()},
        }

    def _forget(self) -> None:
        """What was counted; items, canceled sessions and open connections stay."""
        self._aws.calls.clear()
        self._aws.sent.clear()
        self._prevail.calls.clear()
        for table in self._tables.values():
            table.units.write = table.units.index = table.units.read = 0
        for site in self._sites.values():
            site.connections = 0


async def play(fakes: Fakes) -> None:
    print(json.dumps(await fakes.serve()), flush=True)
    commands = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    while line := await commands.readline():
        print(json.dumps(fakes.obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(play(Fakes(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
