"""The page on one's own detector: its code runs as it stands, and what it says about the results is so."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = "own.md"


@pytest.fixture(scope="module")
def result(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the names that the page's code defines, run from top to bottom in an empty folder."""
    text = (root / "book" / PAGE).read_text(encoding="utf8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 9
    names: dict[str, Any] = {}
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in blocks:
            lines = text[: text.index(block)].count("\n")
            # the empty lines make an error name the line of the page
            exec(compile("\n" * lines + block, PAGE, "exec"), names)
    names["folder"] = folder
    return names


def test_the_detector_is_good_by_the_usual_measure(result: dict[str, Any]) -> None:
    assert result["auc"] > 0.95


def test_the_image_drawn_beats_every_real_four_and_is_none(result: dict[str, Any]) -> None:
    assert result["drawn"].shape == (1, 784)
    assert (result["folder"] / "drawn.png").stat().st_size > 0
    assert result["beaten"] == 1.0
    assert result["lowest"] < result["detector"].decision_function(result["images"].X_train).min()
    assert result["distance"] > 1
    assert result["smooth"] > 0.2  # no noise


def test_guidance_keeps_the_fixed_pixels(result: dict[str, Any]) -> None:
    fixed, given = result["fixed"], result["given"]
    np.testing.assert_array_equal(result["completed"][0][fixed], given[fixed])
    assert not np.array_equal(result["completed"][0][~fixed], given[~fixed])


def test_a_sound_detector_has_no_fault_and_faulty_ones_do(result: dict[str, Any]) -> None:
    assert "a black image scores below 100% of them" in result["report"].findings["prefers_noise"].detail
    assert [name for name, finding in result["report"].findings.items() if finding.found] == ["prefers_noise"]
    assert result["found"] == dict.fromkeys(("flat", "random", "depends on its batch", "prefers noise"), False)
    train = result["images"].X_train
    random = np.random.default_rng(1)
    kinds = {
        "flat": lambda x: np.zeros(len(x)),
        "random": lambda x: random.uniform(size=len(x)),
        "depends on its batch": lambda x: x.mean(axis=1) - x.mean(),
        "prefers noise": lambda x: -x.mean(axis=1),
    }
    for fault, function in kinds.items():
        faulty = type("Faulty", (), {"decision_function": staticmethod(function)})
        assert result["faults"](faulty, train)[fault], fault


def test_another_training_gives_another_ranking(result: dict[str, Any]) -> None:
    assert result["moved"] < 0.9


def test_the_fast_scorer_is_exact_and_descends(result: dict[str, Any]) -> None:
    assert result["same"]
    assert result["descended"].samples.shape == (8, 784)
    assert result["descended"].scores.max() < result["real"].min()
