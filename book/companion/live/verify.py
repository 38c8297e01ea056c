"""Recompute published runs with the page's own engine, in node, and compare their ends with the records."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from anogen.errors import InputError
from companion.live.coding import unpack

ENGINE = (
    "random.js", "kernel.js", "numbers.js", "isolation.js", "tails.js", "products.js", "networks.js", "autoencoder.js",
    "scorers.js", "search.js", "coding.js", "engine.js",
)  # fmt: skip
DRIVER = Path(__file__).with_name("driver.js")
# Of the last score, for a detector whose scores are equal up to rounding only: a search then takes another path after
# some generations, and its last score differs from the record's about as much as that of another seed.
TOLERANCE = 0.1


def read_script(path: Path) -> dict[str, Any]:
    """Return the data of a script that `data.script` wrote."""
    found = re.fullmatch(r"anogenLive\.add\([^,]*, (.*)\);\n", path.read_text(encoding="utf8"))
    if not found:
        raise InputError(f"{path.name} is no script of the live figures: export it again")
    content: dict[str, Any] = unpack(json.loads(found[1]))
    if content.get("like"):
        content["arrays"] = read_script(path.with_name(f"{content['like']}.js"))["arrays"] | content["arrays"]
    return content


def run_engine(static: Path, detector: dict[str, Any], runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of runs with these settings, computed by the engine in node."""
    results: list[dict[str, Any]] = _ask(static, detector, runs)["results"]
    return results


def deviation(static: Path, detector: dict[str, Any]) -> float | None:
    """Return the largest relative difference of the page's scores of a record's real images from those in the record.

    None if no record states such scores.
    """
    found: float | None = _ask(static, detector, [])["loaded"]["deviation"]
    return found


def _ask(static: Path, detector: dict[str, Any], runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if not shutil.which("node"):
        raise InputError("node is not installed: install Node.js, which runs the page's engine here")
    request = {"files": [str(static / name) for name in ENGINE], "detector": detector, "runs": list(runs)}
    done = subprocess.run(["node", str(DRIVER)], input=json.dumps(request), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the engine failed: {done.stderr[-1000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def verify(static: Path, keys: Sequence[str], count: int) -> Iterator[tuple[str, bool]]:
    """Recompute the first `count` runs of each record; return for each a line, and whether it ends as recorded.

    That is with the same image and score where the detector's scores are exact, else with a score within `TOLERANCE`.
    """
    paths = [static / "data" / f"{key}.js" for key in keys] or sorted((static / "data").glob("*.js"))
    for path in paths:
        detector = read_script(path)
        at = 0
        for group in detector.get("records", ()):
            first, at = at, at + len(group["runs"])
            for number in range(first, min(first + count, at)):
                (result,) = run_engine(static, detector, [{"run": number}])
                end = result["published"]
                image = "image identical" if end["same_image"] else "image differs"
                share = abs(end["difference"] / end["score"])
                score = f"score {end['score']:.6g} " + (f"differs by {share:.2g} of it" if share else "identical")
                line = f"{detector['key']} {end['record']}, {end['name']}: {image}, {score}, {result['seconds']:.0f} s"
                yield line, end["same_image"] and not share if detector["exact"] else share <= TOLERANCE
