"""Firefox without a driver: WebDriver BiDi, which it speaks itself."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Firefox:
    """A page in a headless Firefox."""

    def __init__(self, address: str) -> None:
        from websocket import create_connection

        self.socket = create_connection(f"{address}/session", timeout=300, suppress_origin=True)
        self.number = 0
        self.send("session.new", capabilities={})
        self.page = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]

    def get(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self.send("browsingContext.navigate", context=self.page, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, or that of its promise, as JSON has it."""
        script = f"Promise.resolve({expression}).then(JSON.stringify)"
        target = {"context": self.page}
        answer = self.send("script.evaluate", expression=script, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])


@contextmanager
def run_firefox(program: str, profile: Path) -> Iterator[Firefox]:
    """Start Firefox with a profile of its own, and end it."""
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        lines = (re.search(r"ws://\S+", line) for line in process.stderr)
        address = next(found[0] for found in lines if found)
        try:
            yield Firefox(address)
        finally:
            process.terminate()
