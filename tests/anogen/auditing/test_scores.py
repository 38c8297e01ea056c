"""Audits of scores that were computed elsewhere."""

import json

import numpy as np
import pandas as pd
import pytest

from anogen.auditing.scores import DECIDABLE, audit_scores, make_probes, read_scores
from anogen.cli import main
from anogen.errors import InputError

X = np.random.default_rng(0).standard_normal((120, 3))


@pytest.fixture(scope="module")
def probes():
    return make_probes(X)


def score(rows):
    return np.abs(rows).sum(axis=1)


def test_findings_follow_from_scores(probes):
    good = audit_scores(dict(zip(probes.names, score(probes.rows), strict=True)), X, orientation="anomaly")
    assert good.passed and good.verdict == "insufficient" and set(good.undecided) >= set(good.findings) - DECIDABLE
    assert audit_scores(-score(probes.rows), X, orientation="normality").passed
    faults = audit_scores(-score(probes.rows), X, orientation="anomaly").faults
    assert "upside_down" in faults and set(faults) <= DECIDABLE
    noisy = score(probes.rows) + np.random.default_rng(1).random(len(probes.rows))
    assert "random" in audit_scores(noisy, X, orientation="anomaly").faults
    assert audit_scores(np.ones(len(probes.rows)), X, orientation="anomaly").faults == ["constant"]


def test_scores_of_other_rows_are_refused(probes):
    scores = dict(zip(probes.names, score(probes.rows), strict=True))
    for wrong, message in (
        ({"random_state": 1}, "have no score"),
        ({"X": X + 1}, "have no score"),
        ({"scores": score(probes.rows)[1:]}, "do not fit"),
        ({"scores": dict(list(scores.items())[1:])}, f"such as {probes.names[0]}"),
    ):
        with pytest.raises(InputError, match=message):
            audit_scores(**{"scores": scores, "X": X, "orientation": "anomaly", **wrong})


def test_the_commands_write_probes_and_judge_scores(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = np.where(X[:, 0] > 0, 'quote"s', "<b>")
    pd.DataFrame(X, columns=["a", "b c", "d"]).assign(kind=text).to_csv("data.csv", index=False)
    assert main(["audit", "probes", "probes.csv", "--data", "data.csv"]) == 0
    table = pd.read_csv("probes.csv")
    assert table.columns.tolist() == ["row", "a", "b c", "d", "kind"] and set(table["kind"]) == {'quote"s', "<b>"}
    table["score"] = table[["a", "b c", "d"]].abs().sum(axis=1) + (table["kind"] == "<b>")
    table[["row", "score"]].sample(frac=1, random_state=0).to_csv("scores.csv", index=False)
    words = ["audit", "scores", "scores.csv", "--data", "data.csv", "--orientation", "anomaly", "--json"]
    capsys.readouterr()
    assert main(words) == 3
    result = json.loads(capsys.readouterr().out)
    ignored = [
        word for name, found in result["findings"].items() if found["passed"] is None for word in ("--ignore", name)
    ]
    assert main([*words, *ignored]) == 0
    assert main(["audit", "probes", "data.csv", "--data", "data.csv"]) == 2  # it is not ours
    assert main(["audit", "probes", "probes.npz", "--data", "data.csv"]) == 0
    with np.load("probes.npz") as made:
        np.savez("scores.npz", row=made["row"], score=score(made["X"]))
        np.save("scores.npy", score(made["X"]))
    assert isinstance(read_scores(tmp_path / "scores.npz"), dict) and len(read_scores(tmp_path / "scores.npy")) > 100
    (tmp_path / "wrong.csv").write_text("row,x,y\na,1,2\n")
    with pytest.raises(InputError, match="no column 'score'"):
        read_scores(tmp_path / "wrong.csv")
