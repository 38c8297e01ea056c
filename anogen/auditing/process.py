"""The audit of the command line, in a process of its own: the user's code can neither outlast nor silently end it."""

import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from anogen.errors import InputError, brief
from anogen.progress import Progress, Report

GRACE = 30.0  # seconds after the time limit, for reading the data, compiling code and drawing the page
PRINT_SECONDS, EXIT_SECONDS = 5.0, 60.0  # for the process to print what it has buffered, and to end


def audit_in_process(
    detector: str, data: Path, label: str | None, seconds: float, progress: Report, **options: Any
) -> dict[str, Any]:
    """Audit a detector, MODULE:NAME or an .onnx file, in another process, ended after `seconds` and 30 s of grace.

    `options` are those of `audit`, and `rule`, the arguments of `AuditReport.judge`; `formats`, those to return; and
    `window`, as in `read_rows`. Return what `rendered` returns. Raises `InputError` if there is no result: bad
    input, a failure, a process that ended itself, or too little time; the last states what was determined until then.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, detector, data, label, options))
    process.start()
    sender.close()
    end, step, results = None, "the first check", ""
    try:
        while True:  # the limit counts from the first message, when the library has been imported
            if not wait([receiver, process.sentinel], None if end is None else max(0.0, end - time.monotonic())):
                limit = f"{seconds:g} s and {GRACE:g} s of grace"
                until = f" ({results})" if results else ""
                raise InputError(f"the audit was ended after {limit}, at {step}{until}: allow more with --seconds")
            message = _receive(receiver)
            if message is None:
                process.join(EXIT_SECONDS)  # the connection ends before the process
                raise InputError(f"{detector} ended the process of the audit ({_exit(process)}) at {step}: no result")
            if "error" in message:
                raise InputError(message["error"])
            if "verdict" in message:
                process.join(PRINT_SECONDS)
                return message
            end = end or time.monotonic() + seconds + GRACE
            if "progress" in message:
                reached = Progress(*message["progress"])
                step = f"step {reached.done:g} of {reached.cells} of the {reached.id}"
                results = reached.results or results
                progress(reached)
    finally:
        process.kill()
        process.join()


def _receive(receiver: Connection) -> dict[str, Any] | None:
    """Return the next message, or None if the other process has ended."""
    try:
        return json.loads(receiver.recv_bytes()) if receiver.poll() else None
    except (EOFError, OSError):
        return None


def _exit(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


def _work(sender: Connection, *request: Any) -> None:
    """Audit, and send messages in JSON: the start, the progress, and the report or an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    threading.Thread(target=_exit_with_parent, args=(multiprocessing.parent_process(),), daemon=True).start()
    with suppress(OSError):
        os.dup2(2, 1)  # what the detector prints, in C too, must not be mixed with the findings

    def send(**message: Any) -> None:
        sender.send_bytes(json.dumps(message).encode())

    try:
        _audit(send, *request)
    except InputError as error:
        send(error=str(error))
    except BaseException as error:  # noqa: BLE001  the user's code may raise anything
        send(error=f"the audit failed ({brief(error)})")


def _audit(send: Any, detector: str, data: Path, label: str | None, options: Any) -> None:
    from anogen.auditing import audit
    from anogen.auditing.adapters import load_onnx
    from anogen.auditing.detector import cwd_on_path, import_detector

    send(start=True)
    rule, formats = options.pop("rule"), options.pop("formats")
    X, y = read_rows(data, label, options.pop("window"))
    with cwd_on_path(), redirect_stdout(sys.stderr):
        loaded = load_onnx(detector) if detector.endswith(".onnx") else import_detector(detector)
        options |= {"copy": False, "name": detector, "progress": lambda reached: send(progress=reached)}
        report = audit(loaded, X, y, **options)
    send(**rendered(report.judge(**rule), formats))


def read_rows(data: Path, label: str | None, window: int | None) -> tuple[Any, Any]:
    """Return the rows and labels of a file, cut into windows of so many points if that is not None."""
    from anogen.auditing.data import windows
    from anogen.auditing.files import read_file

    file = read_file(data, label)
    return (file.X, file.y) if window is None else windows(file.X, file.y, window)


def rendered(report: Any, formats: Iterable[str]) -> dict[str, Any]:
    """Return a report's `verdict`, its `text` and `json`, and the other formats asked for."""
    makers = {"html": report.html, "sarif": report.to_sarif, "junit": report.to_junit, "markdown": report.to_markdown}
    content = {name: makers[name]() for name in formats}
    return {"verdict": report.verdict, "text": report.text(), "json": report.to_json(), **content}


def _exit_with_parent(parent: BaseProcess | None) -> None:
    """End this process when its parent has ended, killed for example."""
    if parent is not None:
        parent.join()
        os._exit(1)
