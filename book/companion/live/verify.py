"""Recompute published runs with the page's own engine, in node, and compare their ends with the records."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from anogen.errors import InputError

ENGINE = (
    "random.js", "kernel.js", "numbers.js", "isolation.js", "tails.js", "networks.js", "autoencoder.js", "scorers.js",
    "search.js", "coding.js", "engine.js",
)  # fmt: skip
DRIVER = Path(__file__).with_name("driver.js")


def read_script(path: Path) -> dict[str, Any]:
    """Return the data of a script that `data.script` wrote."""
    found = re.fullmatch(r"anogenLive\.add\([^,]*, (.*)\);\n", path.read_text(encoding="utf8"))
    if not found:
        raise InputError(f"{path.name} is no script of the live figures: export it again")
    content: dict[str, Any] = json.loads(found[1])
    if content.get("like"):
        content["arrays"] = read_script(path.with_name(f"{content['like']}.js"))["arrays"] | content["arrays"]
    return content


def run_engine(static: Path, detector: dict[str, Any], runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of runs with these settings, computed by the engine in node."""
    request = {"files": [str(static / name) for name in ENGINE], "detector": detector, "runs": list(runs)}
    done = subprocess.run(["node", str(DRIVER)], input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the engine failed: {done.stderr[-1000:]}")
    results: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    return results


def verify(static: Path, keys: Sequence[str], count: int) -> Iterator[tuple[str, bool]]:
    """Recompute the first `count` runs of each record; return for each a line, and whether it ends as recorded."""
    paths = [static / "data" / f"{key}.js" for key in keys] or sorted((static / "data").glob("*.js"))
    for path in paths:
        detector = read_script(path)
        at = 0
        for group in detector.get("records", ()):
            first, at = at, at + len(group["runs"])
            if not detector["exact"]:
                continue
            for number in range(first, min(first + count, at)):
                (result,) = run_engine(static, detector, [{"run": number}])
                end = result["published"]
                image = "image identical" if end["same_image"] else "image differs"
                score = "score identical" if end["difference"] == 0 else f"score differs by {end['difference']:.3g}"
                line = f"{detector['key']} {end['record']}, {end['name']}: {image}, {score}, {result['seconds']:.0f} s"
                yield line, end["same_image"] and end["difference"] == 0
