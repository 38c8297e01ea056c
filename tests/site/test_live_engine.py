"""The page's own engine in node and in a browser: its searches are Python's, bit for bit."""

import base64
import shutil
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from firefox import run_firefox

import anogen
from anogen import datasets, detectors
from anogen.generators import noise, normal_seeded_population, random_mask
from companion.live import cli, kernel
from companion.live.coding import encode, encode_runs, encode_table, pack, unpack
from companion.live.data import script
from companion.live.export import BATCHES, EXACT, export_arrays, grey_levels
from companion.live.runs import populations
from companion.live.verify import ENGINE, deviation, read_script, run_engine, verify
from companion.records import store
from notebooks.thesis.common.guided import HalfNormal

STATIC = Path(__file__).resolve().parents[2] / "book" / "_static" / "live"
SETTINGS = 4  # of each detector: 24 in all
NETWORKS = ("autoencoder:epochs=2", "autoencoder:architecture=deep-svdd,epochs=2", "deep-svdd", "deep-svdd-untrained")
PRODUCTS = {"gmm": 1e-6, "kde": 1e-12, "knn": 1e-12, "ocsvm": 1e-12, "pca": 1e-6}  # and a score's relative tolerance
PLAIN_RATES = {
    "cblof": 1e-4, "deep-svdd": 1e-5, "deep-svdd-untrained": 1e-5, "gmm": 1e-9, "kde": 1e-3, "knn": 1e-3, "ocsvm": 1e-4,
    "pca": 1e-42,
}  # fmt: skip
in_node = pytest.mark.skipif(not shutil.which("node"), reason="there is no node")


@cache
def fit(name: str, digit: int) -> tuple[dict[str, Any], Any]:
    """Return a detector of real images as the page has it, and its scorer."""
    rows = datasets.load("mnist-5k").one_class(digit).X_train[:200]
    detector = detectors.fit_spec(name, rows, digit, (28, 28))
    scorer = anogen.make_scorer(detector)
    kind, arrays = export_arrays(name.partition(":")[0], detector, scorer)
    return {"key": name, "kind": kind, "d": 784, "exact": True, "arrays": arrays}, scorer


def settings(rng: np.random.Generator, digit: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return random settings, for the engine and for `anogen.generate`."""
    data = datasets.load("mnist-5k").one_class(digit)
    population = int(rng.choice(BATCHES[1:4]))
    common = {
        "random_state": int(rng.integers(2**53)),
        "n_generations": 12,
        "population_size": population,
        "mutation_rate": float(rng.choice([0.1, 0.5, 1])),
        "mutation_std": float(rng.choice([0.001, 0.01, 0.1])),
        "selection": str(rng.choice(["linear", "tournament", "truncation"])),
        "clip": bool(rng.random() < 0.7),
        "n_elites": int(rng.choice([0, 0, 3])),
        "mutation_half_life": [None, 5][int(rng.random() < 0.3)],
    }
    page, python = dict(common), dict(common)
    if rng.random() < 0.5:
        k, seed = float(rng.choice([0.1, 0.5, 0.9])), int(rng.integers(2**31))
        mask = random_mask(784, k, torch.Generator().manual_seed(seed))
        reference = data.test_normal[0].astype(np.float32)
        page |= {"k": k, "mask_seed": seed, "reference": encode(reference)}
        python |= {"mask": mask, "reference": reference}
    if rng.random() < 0.3:
        seed, state = int(rng.integers(2**31)), common["random_state"]
        start = noise((population, 784), torch.Generator().manual_seed(state))
        normal = data.X_train[:150].astype(np.float32)
        generator = torch.Generator().manual_seed(seed)
        page |= {"normal": encode(normal), "normal_seed": seed}
        python |= {"initial_population": normal_seeded_population(start, torch.from_numpy(normal), generator)}
    return page, python


def numbers(text: str, dtype: type) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


@in_node
@pytest.mark.parametrize("name", sorted(EXACT))
def test_searches_have_the_bits_of_python(name: str) -> None:
    rng = np.random.default_rng(sorted(EXACT).index(name))
    digit = int(rng.integers(10))
    detector, scorer = fit(name, digit)
    pairs = [settings(rng, digit) for _ in range(SETTINGS)]
    results = run_engine(STATIC, detector, [page for page, _ in pairs])
    for (page, python), result in zip(pairs, results, strict=True):
        expected = anogen.generate(scorer, **python)
        assert result["exact"], page
        assert result["undecided"] == 0, page
        assert (numbers(result["samples"], np.float32) == expected.samples.ravel()).all(), page
        assert (numbers(result["scores"], np.float64) == expected.scores).all(), page
        assert (numbers(result["history"], np.float64) == expected.history.ravel()).all(), page


@in_node
@pytest.mark.parametrize("rule", ["plain", "adam"])
@pytest.mark.parametrize("name", ["cblof", *NETWORKS, *PRODUCTS])
def test_gradient_descent_agrees_with_python(name: str, rule: str) -> None:
    """Up to the rounding of float32, in which networks and steps are computed."""
    detector, scorer = fit(name, 4)
    reference, mask = datasets.load("mnist-5k").one_class(4).test_normal[0].astype(np.float32), np.arange(784) % 3 == 0
    if (name, rule) == ("pca", "adam"):
        pytest.skip("the squares of PCA's slopes exceed the range of float32, in Python and in the page: nothing moves")
    rate = 0.05 if rule == "adam" else PLAIN_RATES.get(name, 0.1)
    common = {"method": "gradient", "n_iterations": 15, "learning_rate": rate, "rule": rule, "random_state": 3}
    fixed = {"mask": encode(mask.astype(np.uint8)), "reference": encode(reference)}
    free, held = run_engine(STATIC, detector, [common, common | fixed])
    for result, guidance in ((free, {}), (held, {"mask": mask, "reference": reference})):
        expected = anogen.generate(scorer, **common, **guidance)
        assert expected.scores[0] < expected.history[0, 0]  # something has moved
        np.testing.assert_allclose(numbers(result["history"], np.float64), expected.history.ravel(), rtol=1e-4)
        np.testing.assert_allclose(numbers(result["samples"], np.float32), expected.samples.ravel(), atol=1e-3)
        assert not result["exact"]


@in_node
@pytest.mark.parametrize("name", [*NETWORKS, *PRODUCTS])
def test_other_scores_agree_with_python(name: str) -> None:
    """Up to the rounding of networks in float32, with and without the kernel, or of products in float64."""
    detector, scorer = fit(name, 4)
    run = {"random_state": 11, "n_generations": 1, "population_size": 20}
    expected = anogen.generate(scorer, **run)
    reference, mask = datasets.load("mnist-5k").one_class(4).test_normal[0].astype(np.float32), np.arange(784) % 3 == 0
    held = run | {"mask": encode(mask.astype(np.uint8)), "reference": encode(reference)}
    compiled, plain, guided = run_engine(STATIC, detector, [run, run | {"plain": True}, held])
    tolerance = 1e-4 if name in NETWORKS else PRODUCTS[name]
    for result in (compiled, plain):
        np.testing.assert_allclose(numbers(result["scores"], np.float64), expected.scores, rtol=tolerance)
    with_fixed_pixels = anogen.generate(scorer, **run, mask=mask, reference=reference)
    np.testing.assert_allclose(numbers(guided["scores"], np.float64), with_fixed_pixels.scores, rtol=tolerance)


@in_node
def test_a_search_begins_with_the_first_population_of_a_record() -> None:
    detector, scorer = fit("cblof", 4)
    experiment = HalfNormal(dataset="mnist-5k", detector="cblof", normal=4, runs=2)
    seeded = populations(experiment)
    assert seeded
    levels, index = grey_levels(seeded[1])
    stated = {"seeds": seeded[0], "levels": encode(levels), "images": encode_runs(index)}
    run = {"seeds": [9], "starts": [1], "initial_distribution": "half-normal", "n_generations": 3}
    (result,) = run_engine(STATIC, detector | {"populations": stated}, [run])
    expected = anogen.generate(scorer, random_state=9, n_generations=3, initial_population=experiment.start(1))
    assert result["exact"]
    assert (numbers(result["samples"], np.float32) == expected.samples.ravel()).all()
    with pytest.raises(RuntimeError, match="set the population to 150"):
        run_engine(STATIC, detector | {"populations": stated}, [run | {"population_size": 20}])


@in_node
@pytest.mark.parametrize("path", sorted((STATIC / "data").glob("*-4.js")), ids=lambda path: path.stem)
def test_the_committed_detectors_are_those_of_their_records(path: Path) -> None:
    """They give real images the scores in the record: training on another processor gave other networks."""
    content = read_script(path)
    found = deviation(STATIC, content)
    assert (found is None) == (content["pairs"] is None)
    assert found is None or found < (1e-15 if content["exact"] else 1e-5)


@in_node
@pytest.mark.parametrize("name", ["deep-svdd", "deep-svdd-untrained"])
def test_searches_begin_with_the_scores_of_the_record(name: str) -> None:
    """The lowest of half normal populations: near the centre, float32 leaves fewer digits of a distance's square."""
    experiment = HalfNormal(detector=name)
    content, expected = (
        read_script(STATIC / "data" / f"{name}-mnist-4.js"),
        store.load(experiment)["start_scores"][:, 1],
    )
    half = {"initial_distribution": "half-normal", "n_generations": 0}
    results = run_engine(STATIC, content, [half | {"seeds": [0], "starts": [run]} for run in range(len(expected))])
    found = np.concatenate([numbers(result["scores"], np.float64) for result in results])
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@in_node
def test_published_descents_end_as_recorded() -> None:
    """After all steps, up to what rounding becomes by then."""
    ends = dict(verify(STATIC, ["autoencoder-descended-mnist-3", "autoencoder-descended-mnist-4"], 2))
    assert len(ends) == 4
    assert all(ends.values()), ends


@in_node
def test_the_kernel_has_the_bits_of_plain_javascript() -> None:
    detector, _ = fit("cblof", 3)
    run = {"random_state": 7, "n_samples": 2, "n_generations": 20, "population_size": 51}
    compiled, plain = run_engine(STATIC, detector, [run, run | {"plain": True}])
    assert compiled["digest"] == plain["digest"]
    assert compiled["history"] == plain["history"]


@in_node
def test_bits_differ_where_they_must() -> None:
    """A comparison that cannot fail proves nothing: another seed, and a mutation that differs in its last bit."""
    detector, _ = fit("cblof", 3)
    run = {"random_state": 7, "n_generations": 20, "population_size": 50}
    others = [run | {"random_state": 8}, run | {"mutation_std": float(np.nextafter(np.float32(0.01), np.float32(1)))}]
    digests = [result["digest"][0] for result in run_engine(STATIC, detector, [run, *others])]
    assert len(set(digests)) == 3


@in_node
def test_invalid_settings_are_reported() -> None:
    detector, _ = fit("hbos", 3)
    with pytest.raises(RuntimeError, match="unknown selection best"):
        run_engine(STATIC, detector, [{"selection": "best"}])
    with pytest.raises(RuntimeError, match="has no gradient"):
        run_engine(STATIC, detector, [{"method": "gradient"}])


def test_without_node_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["companion.live", "verify", "cblof-mnist-4"])
    assert cli.main() == 2
    assert capsys.readouterr().err == "node is not installed: install Node.js, which runs the page's engine here\n"


def test_compressed_arrays_are_unpacked() -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "a": encode(rng.integers(9, size=999).astype(np.uint16)),
        "b": encode(rng.random(9)),
        "relu": [True],
        "n": 1,
    }
    content = {"arrays": arrays, "table": encode_table(np.repeat(rng.random((2, 3)), 50, axis=0))}
    packed = pack(content)
    assert "planes" in packed["arrays"]["a"] and "planes" not in packed["arrays"]["b"]
    assert unpack(packed) == content


def test_the_kernel_is_built_from_its_source() -> None:
    pytest.importorskip("ziglang")
    assert kernel.build(STATIC / "kernel.c") == (STATIC / "kernel.js").read_text(encoding="utf8")


SEARCH = """
const done = arguments[0], worker = anogenLive.worker(), answers = [];
worker.onmessage = ({ data }) => {
  answers.push(data);
  if (data.type === "result" || data.type === "error") done({ ...data, samples: null, scores: [...data.scores ?? []] });
};
anogenLive.fetch("cblof", "").then((detector) => {
  for (const message of [{ type: "load", detector },
    { type: "start", settings: { random_state: 5, n_samples: 2, n_generations: 30 } },
    { type: "advance", generations: 10 }, { type: "advance", milliseconds: 60000 },
    { type: "result" }]) worker.postMessage(message);
});
"""


@pytest.fixture
def search_page(tmp_path: Path) -> Path:
    """A page with the engine and a detector, which is opened from a folder."""
    scripts = [(STATIC / name).as_uri() for name in ENGINE]
    (tmp_path / "data.js").write_text(script("cblof", fit("cblof", 4)[0]), encoding="utf8")
    tags = "".join(f'<script src="{address}"></script>' for address in [*scripts, "data.js"])
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>live</title>{tags}", encoding="utf8")
    return page


def check_search(result: dict[str, Any]) -> None:
    expected = anogen.generate(fit("cblof", 4)[1], n_samples=2, random_state=5, n_generations=30)
    assert result.get("message") is None
    assert result["scores"] == expected.scores.tolist()
    assert result["digest"] == [sha256(sample.astype("<f4").tobytes()).hexdigest() for sample in expected.samples]


@pytest.mark.browser
def test_a_browser_has_the_bits_of_python(browser: Any, search_page: Path) -> None:
    """In a worker of a page that is opened from a folder, with compressed data."""
    browser.get(search_page.as_uri())
    check_search(browser.execute_async_script(SEARCH))


@pytest.mark.browser
def test_firefox_has_the_bits_of_python(search_page: Path, tmp_path: Path) -> None:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        pytest.skip("no Firefox is installed")
    pytest.importorskip("websocket")
    with run_firefox(program, tmp_path / "profile") as firefox:
        firefox.get(search_page.as_uri())
        check_search(firefox.evaluate(f"new Promise((resolve) => (function () {{ {SEARCH} }})(resolve))"))
