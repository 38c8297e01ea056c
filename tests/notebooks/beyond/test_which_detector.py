"""Chapter `which-detector`: the rules select what they say, and nothing is joined that is not the same detector."""

import pytest

from companion.records import Record
from notebooks.beyond.which_detector.evidence import Evidence, on_images, recommendations
from notebooks.beyond.which_detector.experiments import same_class
from notebooks.beyond.which_detector.figures import table_images, table_recommendations, table_tables, unmeasured

EVIDENCE = {
    "lof": Evidence(findings=(), auc=0.95, looks_normal=0.1, gap=float("nan")),
    "knn": Evidence(findings=(), auc=0.97, looks_normal=1.0, gap=float("nan"), distances={"thyroid": 2.5}),
    "gmm": Evidence(
        findings=("prefers_noise",), auc=0.99, looks_normal=1.0, gap=0.5, status="proved", optimum_looks_normal=0.0,
        samples_look_normal=float("nan"),
        clean=9, audited=10, aucs={"thyroid": 0.9}, distances={"thyroid": 0.2},
    ),
    "pca": Evidence(findings=(), auc=0.8, looks_normal=1.0, gap=2.0, status="proved", optimum_looks_normal=1.0),
    "kde": Evidence(clean=10, audited=10),
    "vae": Evidence(),
}  # fmt: skip


def test_rules_select_by_the_columns_and_order_by_auc():
    assert [r.detectors for r in recommendations(EVIDENCE)] == [
        ["knn", "lof"],
        ["knn", "pca"],
        ["gmm"],
        ["gmm"],
        ["gmm"],  # KDE has no ROC AUC on tables
        ["gmm"],
    ]
    assert [row[1] for row in table_recommendations(EVIDENCE).rows][:2] == ["KNN, LOF", "KNN, PCA"]
    assert all(r.detectors == [] for r in recommendations({"vae": Evidence()}))


def test_tables_tell_the_unknown_from_the_unmeasured():
    rows = {row[0]: row[1:] for row in table_images(EVIDENCE).rows}
    assert rows["LOF"] == ["0", "0.950", "10%", "?", "?", "–"]
    assert rows["GMM"] == ["1", "0.990", "100%", "0.5", "odd, proved", "?"]
    assert "VAE (mean)" not in rows and unmeasured(EVIDENCE, on_tables=False) == ["KDE", "VAE (mean)"]
    assert [row[:2] for row in table_tables(EVIDENCE).rows] == [["KDE", "10 of 10"], ["GMM", "9 of 10"]]
    assert table_tables(EVIDENCE).rows[0][2:] == ["–"] * 4


@pytest.mark.parametrize(
    ("path", "name", "same"),
    [
        ("pyod.models.knn:KNN", "knn", True),
        ("pyod.models.deep_svdd:DeepSVDD", "deep-svdd", True),
        ("pyod.models.deep_svdd:DeepSVDD", "deep-svdd-untrained", False),  # whose class derives from it
        ("anogen.detectors.deep_svdd:UntrainedDeepSVDD", "deep-svdd-untrained", True),
        ("pyod.models.vae:VAE", "vae", False),  # the catalogue's scores the mean
        ("sklearn.svm:OneClassSVM", "ocsvm", False),
    ],
)
def test_only_the_same_detector_is_joined(path, name, same):
    assert same_class(path, name) is same


def test_without_records_nothing_is_claimed():
    records: dict[str, Record] = {}
    assert on_images(records, "knn") == {}
