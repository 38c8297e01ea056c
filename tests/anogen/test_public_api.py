"""The public API: lazy names, `generate` and its result, `make_scorer` on other libraries' detectors, extensions."""

import importlib
import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from pyod.models.base import BaseDetector
from pyod.models.cblof import CBLOF
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators

import anogen
from anogen import datasets, detectors
from anogen.generators import Evolution, EvolutionConfig, Gradient, GradientConfig, evolve
from anogen.scorers.fallback import FallbackScorer, ModuleScorer

RNG = np.random.default_rng(0)
BLOB = RNG.normal(0.5, 0.05, size=(200, 6))
FAR = BLOB[:40] - 5  # beyond the origin: also far for a linear SVM
D = 64


def distance(X):
    return np.square(X - 0.3).sum(axis=1)


@pytest.fixture
def scorer():
    return anogen.make_scorer(distance, D, orientation="anomaly")


@pytest.fixture
def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(D, 8), torch.nn.Dropout(0.5), torch.nn.ReLU(), torch.nn.Linear(8, 1))


# --- lazy names


def test_import_loads_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import anogen\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["anogen"]


def test_every_exported_name_exists_and_is_listed():
    assert sorted(anogen.__all__) == sorted([*sum(anogen._EXPORTS.values(), ()), *anogen._MODULES])
    assert set(anogen.__all__) <= set(dir(anogen))
    for name in anogen.__all__:
        assert getattr(anogen, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        anogen.nothing  # noqa: B018


@pytest.mark.slow
def test_the_verb_audit_is_a_function_whatever_was_imported_before():
    code = "import anogen.auditing.audit; print(callable(anogen.audit))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True"


# --- make_scorer


def estimators():
    classes = [cls for _, cls in all_estimators() if issubclass(cls, OutlierMixin)]
    return [cls(novelty=True) if cls is LocalOutlierFactor else cls() for cls in classes]


OUTLIER_ESTIMATORS = [
    *estimators(),
    make_pipeline(StandardScaler(), IsolationForest(random_state=0)),
    make_pipeline(StandardScaler(), CBLOF(random_state=0)),
    GridSearchCV(IsolationForest(random_state=0), {"n_estimators": [10, 20]}, scoring=lambda *_: 0.0),
    make_pipeline(GridSearchCV(IsolationForest(random_state=0), {"n_estimators": [10]}, scoring=lambda *_: 0.0)),
    GaussianMixture(random_state=0),
    KernelDensity(),
]


@pytest.mark.parametrize("estimator", OUTLIER_ESTIMATORS, ids=lambda e: type(e).__name__)
def test_scikit_learn_is_read_the_right_way_round(estimator):
    scorer = anogen.make_scorer(estimator.fit(BLOB))
    assert scorer(BLOB).mean() < scorer(FAR).min()
    pyod = isinstance(getattr(estimator, "steps", [("", None)])[-1][1], BaseDetector)
    assert (scorer.orientation, scorer.orientation_source) == (
        ("anomaly", "PyOD") if pyod else ("normality", "scikit-learn")
    )


def test_all_outlier_estimators_of_scikit_learn_are_covered():
    assert {type(e).__name__ for e in OUTLIER_ESTIMATORS} >= {
        "EllipticEnvelope", "IsolationForest", "LocalOutlierFactor", "OneClassSVM", "SGDOneClassSVM",
    }  # fmt: skip


IMAGES_ONLY = {"autoencoder", "deep-svdd-lenet"}
UNINFORMED = {"anorand", "deep-svdd-untrained"}  # trained too briefly, or not at all, to tell these rows apart
OPTIONS = {"epochs": 20, "epoch_num": 5, "batch_size": 32, "n_submodels": 5}


@pytest.mark.parametrize("name", sorted(set(detectors.CATALOGUE) - IMAGES_ONLY))
def test_catalogue_detectors_score_outliers_higher(name):
    parameters = inspect.signature(detectors.detector_class(name)).parameters
    detector = detectors.fit(name, BLOB, **{k: v for k, v in OPTIONS.items() if k in parameters})
    scorer = anogen.make_scorer(detector, 6)
    assert (scorer.orientation, scorer.orientation_source) == ("anomaly", "PyOD")
    assert name in UNINFORMED or scorer(BLOB).median() < scorer(FAR).median()


@pytest.mark.parametrize(
    "path", ["abod:ABOD", "kpca:KPCA", "sampling:Sampling", pytest.param("sod:SOD", marks=pytest.mark.slow)]
)
def test_other_pyod_detectors_score_outliers_higher(path):
    module, name = path.split(":")
    detector = getattr(importlib.import_module(f"pyod.models.{module}"), name)().fit(BLOB)
    scorer = anogen.make_scorer(detector, 6)
    assert scorer(BLOB).median() < scorer(FAR).median()
    assert (scorer.orientation, scorer.orientation_source) == ("anomaly", "PyOD")


def test_another_librarys_detector_is_assumed_to_follow_pyod():
    class Theirs:
        n_features_in_ = 6

        def decision_function(self, X):
            return np.abs(X - 0.5).sum(axis=1)

    scorer = anogen.make_scorer(Theirs())
    assert (scorer.orientation, scorer.orientation_source) == ("anomaly", "assumed, as in PyOD")
    flipped = anogen.make_scorer(Theirs(), orientation="normality")
    assert torch.equal(flipped(BLOB), -scorer(BLOB))
    assert (flipped.orientation, flipped.orientation_source) == ("normality", "stated by the caller")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_function_needs_an_orientation(sign):
    orientation = "anomaly" if sign == 1 else "normality"
    scorer = anogen.make_scorer(lambda X: sign * distance(X), 6, orientation=orientation)
    assert scorer(BLOB).numpy() == pytest.approx(distance(BLOB))
    with pytest.raises(anogen.InputError, match=r"orientation='anomaly' .* or orientation='normality'"):
        anogen.make_scorer(distance, 6)
    with pytest.raises(anogen.InputError, match="does not state the length of a row: pass n_features"):
        anogen.make_scorer(distance, orientation="anomaly")
    with pytest.raises(anogen.InputError, match="orientation = 'up' is unknown"):
        anogen.make_scorer(distance, 6, orientation="up")


def test_a_function_may_return_a_tensor_with_a_gradient():
    weight = torch.ones(6, requires_grad=True)
    scorer = anogen.make_scorer(lambda X: torch.from_numpy(X).float() @ weight, 6, orientation="anomaly")
    assert scorer(BLOB).numpy() == pytest.approx(BLOB.sum(axis=1), rel=1e-5)


def test_a_network_is_copied_in_evaluation_mode_and_differentiable(network):
    scorer = anogen.make_scorer(network, D, orientation="normality")
    assert isinstance(scorer, ModuleScorer) and scorer.differentiable and network.training
    x = torch.rand(3, D)
    assert torch.equal(scorer(x), scorer(x))  # dropout is off
    assert torch.allclose(scorer(x), -network.eval()(x)[:, 0].double())
    x.requires_grad_()
    assert torch.autograd.grad(scorer(x).sum(), x)[0].abs().sum() > 0
    with pytest.raises(anogen.InputError, match=r"shape \(2, 8\) for 2 rows"):
        anogen.make_scorer(network[:1], D, orientation="anomaly")(torch.rand(2, D))


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        (IsolationForest(), "IsolationForest is not fitted"),
        (make_pipeline(StandardScaler(), IsolationForest()), "Pipeline is not fitted"),
        (LocalOutlierFactor().fit(BLOB), "set novelty=True"),
        (LogisticRegression().fit(BLOB, np.arange(200) % 2), "is not an outlier detector of scikit-learn"),
        (CBLOF(), "CBLOF is not fitted"),
        (CBLOF, r"CBLOF is a class: pass a fitted object"),
        ({}, "dict has no decision_function"),
        (3, "int has no decision_function"),
    ],
    ids=str,
)
def test_unusable_detectors_are_named_in_one_line(detector, message):
    with pytest.raises(anogen.InputError, match=message) as caught:
        anogen.make_scorer(detector)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (distance, "none"),
        (lambda X: distance(X - X.mean(axis=0)), "batch"),
        (lambda X: distance(X + np.random.random(X.shape)), "stochastic"),  # noqa: NPY002
    ],
)
def test_batch_dependence_is_measured_without_changing_the_global_random_state(function, expected):
    scorer = anogen.make_scorer(function, 6, orientation="anomaly")
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert isinstance(scorer, FallbackScorer) and scorer.batch_dependence == expected
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


# --- generate


def test_a_run_has_the_same_bits_alone_and_in_any_number(scorer):
    together = anogen.generate(scorer, n_samples=3, n_generations=30, random_state=5)
    for i in range(3):
        alone = anogen.generate(scorer, n_generations=30, random_state=5 + i)
        assert np.array_equal(alone.samples[0], together.samples[i])
        assert np.array_equal(alone.history[0], together.history[i])


def test_generate_equals_evolve(scorer):
    result = anogen.generate(scorer, n_samples=2, n_generations=20, random_state=3, population_size=10)
    *_, (state, info) = evolve(scorer, [3, 4], n_generations=20, config=EvolutionConfig(population_size=10))
    assert np.array_equal(result.samples, state.current_best().numpy())
    assert np.array_equal(result.scores, info.best.numpy()) and np.array_equal(result.history[:, -1], result.scores)
    assert result.scores == pytest.approx(distance(result.samples.astype(float)))
    assert result.parameters["population_size"] == 10 and result.parameters["n_generations"] == 20


def test_gradient_descent_lowers_the_score_and_has_the_same_bits_in_any_number(network):
    options = {
        "method": "gradient",
        "n_iterations": 25,
        "learning_rate": 0.05,
        "orientation": "anomaly",
        "n_features": D,
    }
    result = anogen.generate(network, n_samples=3, **options)
    assert (result.scores < result.history[:, 0]).all() and result.history.shape == (3, 25)
    assert result.parameters["rule"] == "adam"
    alone = anogen.generate(network, random_state=2, **options)
    assert np.array_equal(alone.samples[0], result.samples[2]) and alone.scores[0] == result.scores[2]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_default_rule_does_not_diverge_on_any_scale(scale):
    class Steep(torch.nn.Module):
        def forward(self, x):
            return scale * (x - 0.3).square().sum(dim=1)

    result = anogen.generate(Steep(), "gradient", n_features=D, orientation="anomaly", n_iterations=100, clip=False)
    assert result.scores[0] < 0.05 * result.history[0, 0]


@pytest.mark.parametrize("method", ["evolution", "gradient"])
def test_fixed_features_are_those_of_the_reference(network, method):
    mask, reference = np.arange(D) < 20, np.full(D, 0.25)
    steps = {"n_generations": 5} if method == "evolution" else {"n_iterations": 5}
    scorer = anogen.make_scorer(network, D, orientation="anomaly")
    result = anogen.generate(scorer, method, n_samples=2, mask=mask, reference=reference, **steps)
    assert (result.samples[:, :20] == np.float32(0.25)).all() and (result.samples[:, 20:] != 0.25).all()
    assert result.scores == pytest.approx(scorer(result.samples).numpy(), rel=1e-5)
    assert result.parameters["n_fixed"] == 20


def test_evolution_records_no_gradient(network):
    class Trainable(anogen.Scorer):
        n_features_in_, dtype = D, torch.float32
        graph = False

        def score(self, x):
            scores = network(x)[:, 0]
            self.graph |= scores.requires_grad
            return scores

    scorer = Trainable()
    assert anogen.generate(scorer, n_generations=3).samples.shape == (1, D)
    assert not scorer.graph


def test_a_detector_that_searches_by_gradient_is_scored_with_gradients():
    def search(X):
        x = torch.zeros(1, requires_grad=True)
        x.square().sum().backward()
        return distance(X)

    assert anogen.generate(search, n_features=D, orientation="anomaly", n_generations=2).samples.shape == (1, D)


def test_start_and_initial_population_are_used(scorer, network):
    population = np.full((10, D), 0.3)
    result = anogen.generate(
        scorer, n_generations=1, initial_population=population, population_size=10, mutation_rate=0.0
    )
    assert result.samples == pytest.approx(np.full((1, D), 0.3), abs=1e-6)
    start = np.full((2, D), 0.5)
    near = anogen.generate(
        network, "gradient", n_features=D, orientation="anomaly", n_samples=2, n_iterations=1, start=start,
        learning_rate=1e-4,
    )  # fmt: skip
    assert near.samples == pytest.approx(start, abs=2e-4)


def test_the_callback_gets_states_that_are_never_overwritten(scorer, network):
    states = []
    anogen.generate(scorer, n_generations=4, callback=lambda state, info: states.append(state))
    assert [state.generation for state in states] == [1, 2, 3, 4]
    for state in states:
        assert torch.equal(state.scores[0], scorer(state.population[0]))
    seen = []
    anogen.generate(
        network, "gradient", n_features=D, orientation="anomaly", n_iterations=3,
        callback=lambda state, info: seen.append(state.images),
    )  # fmt: skip
    assert len(seen) == 3 and not torch.equal(seen[0], seen[2])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "annealing"}, "unknown method 'annealing': choose evolution, gradient or sample"),
        ({"n_samples": 0}, "n_samples = 0 is too small"),
        ({"n_samples": 1.5}, "n_samples = 1.5 is not an integer"),
        ({"random_state": -1}, "random_state = -1 is not a valid seed"),
        ({"random_state": None}, "random_state = None is not a valid seed"),
        ({"n_generations": 0}, "n_generations = 0"),
        ({"n_iterations": 5}, "n_iterations is not a parameter of method 'evolution'"),
        ({"start": np.zeros((1, D))}, "start is not a parameter of method 'evolution'"),
        ({"generations": 5}, "unknown parameter 'generations': choose from population_size"),
        ({"population_size": 1}, "population_size = 1 is too small"),
        ({"initial_population": np.zeros((3, D))}, r"give \(150, 64\)"),
        ({"config": EvolutionConfig(), "n_elites": 1}, "give either config or n_elites"),
        ({"config": GradientConfig()}, "config is a GradientConfig: give an instance of EvolutionConfig"),
        ({"reference": np.zeros(D)}, "give mask"),
        ({"mask": np.ones(D, bool)}, "need a reference image"),
        ({"method": "gradient"}, "FallbackScorer has no gradient"),
    ],
)
def test_invalid_parameters_are_named_in_one_line(scorer, options, message):
    with pytest.raises(anogen.InputError, match=message) as caught:
        anogen.generate(scorer, **({"n_generations": 2} if "method" not in options else {}) | options)
    assert "\n" not in str(caught.value)


def test_a_start_of_another_shape_is_rejected(network):
    with pytest.raises(anogen.InputError, match=r"start of shape \(1, 64\) does not fit: give \(2, 64\)"):
        anogen.generate(
            network, "gradient", n_features=D, orientation="anomaly", n_samples=2, start=np.zeros((1, D))
        )  # fmt: skip


def test_progress_shows_a_bar(scorer, capsys):
    anogen.generate(scorer, n_generations=2, progress=True)
    assert "generate" in capsys.readouterr().err


# --- the low level


def test_evolution_states_are_never_overwritten(scorer):
    algorithm = Evolution(population_size=10)
    states = [algorithm.init(scorer, random_state=3, n_samples=2)]
    for _ in range(5):
        states.append(algorithm.step(states[-1], scorer)[0])
    kept = [state.copy() for state in states]
    algorithm.step(states[0], scorer)
    for state, copy in zip(states, kept, strict=True):
        assert torch.equal(state.population, copy.population) and torch.equal(state.scores, copy.scores)
        for run in range(2):
            assert torch.equal(state.scores[run], scorer(state.population[run]))
    *_, (last, _) = evolve(scorer, [3, 4], n_generations=5, config=EvolutionConfig(population_size=10))
    assert torch.equal(last.population, states[-1].population) and torch.equal(last.best, states[-1].best)


@pytest.mark.parametrize("algorithm", [Evolution(population_size=4), Gradient(learning_rate=0.1)])
def test_both_algorithms_have_the_same_shape(network, algorithm):
    scorer = anogen.make_scorer(network, D, orientation="anomaly")
    mask, reference = np.arange(D) < 5, np.zeros(D)
    state = algorithm.init(scorer, random_state=1, n_samples=2, mask=mask, reference=reference)
    state, info = algorithm.step(state, scorer)
    images = state.current_best() if isinstance(algorithm, Evolution) else state.complete()
    assert images.shape == (2, D) and not images[:, :5].any() and isinstance(info, tuple)


# --- the result


@pytest.fixture(scope="module")
def result():
    return anogen.generate(anogen.make_scorer(distance, D, orientation="anomaly"), n_samples=9, n_generations=10)


def test_a_saved_result_is_read_back_bit_for_bit(result, tmp_path):
    path = result.save(tmp_path / "run.1")
    assert path.name == "run.1.npz"
    loaded = anogen.GenerationResult.load(path)
    for name in ("samples", "scores", "history"):
        assert np.array_equal(getattr(loaded, name), getattr(result, name))
        assert getattr(loaded, name).dtype == getattr(result, name).dtype
    assert (loaded.parameters, loaded.method, loaded.orientation) == (
        result.parameters,
        "evolution",
        result.orientation,
    )
    assert loaded.orientation == "anomaly (stated by the caller)"


def test_files_that_are_no_results_are_named_in_one_line(result, tmp_path):
    (tmp_path / "text.npz").write_text("nothing")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    texts = {name: np.array(json.dumps("")) for name in ("method", "orientation", "parameters", "random_state")}
    np.savez(tmp_path / "shapes.npz", samples=np.zeros((2, 3)), scores=np.zeros(3), history=np.zeros((2, 1)), **texts)
    np.savez(tmp_path / "words.npz", samples=np.array(["a"]), scores=np.zeros(1), history=np.zeros((1, 1)), **texts)
    np.savez(tmp_path / "pickle.npz", samples=np.array([{}]), scores=np.zeros(1), history=np.zeros((1, 1)), **texts)
    for name in ("missing", "text", "other", "shapes", "words", "pickle"):
        with pytest.raises(anogen.InputError) as caught:
            anogen.GenerationResult.load(tmp_path / f"{name}.npz")
        assert "\n" not in str(caught.value)


def test_plots_are_large_and_carry_the_scores(result):
    figure = result.plot()
    width, height = figure.get_size_inches() * figure.dpi
    assert width >= 300 and height >= 150
    assert len(figure.axes) == 16 and figure.axes[0].images and figure.axes[0].get_title() == f"{result.scores[0]:.4g}"
    assert result.plot(image_shape=(4, 16)).axes[0].images[0].get_array().shape == (4, 16)
    with pytest.raises(anogen.InputError, match=r"image_shape = \(3, 3\) does not fit 64 features"):
        result.plot(image_shape=(3, 3))


def test_rows_that_are_no_images_are_plotted_as_lines():
    result = anogen.generate(distance, n_features=7, orientation="anomaly", n_samples=2, n_generations=2)
    figure = result.plot()
    assert len(figure.axes[0].lines) == 2 and not figure.axes[0].images
    colour = anogen.generate(distance, n_features=192, orientation="anomaly", n_generations=1)
    assert colour.plot().axes[0].images[0].get_array().shape == (8, 8, 3)


def test_a_frame_has_one_row_for_each_sample(result):
    frame = result.to_frame()
    assert frame.shape == (9, 4 + D) and frame["random_state"].tolist() == list(range(9))
    assert frame["score"].to_numpy() == pytest.approx(result.scores)
    assert (frame["lowest_score"] <= frame["score"]).all()


def test_the_quality_is_measured_with_real_images():
    images = datasets.load("mnist-5k").one_class(4)
    detector = CBLOF(random_state=0).fit(images.X_train)
    result = anogen.generate(detector, n_samples=2, n_generations=20)
    measures = result.evaluate(images)
    assert set(measures) == {"nn_ratio", "morans_i", "noise_like"} and measures["nn_ratio"].shape == (2,)
    assert measures["noise_like"].all()
    full = result.evaluate(images, p_class=lambda rows: np.full(len(rows), 0.5))
    assert {"p_cls", "quality", "normal_looking"} <= set(full)


def test_the_gap_is_the_distance_to_the_nearest_optimum():
    detector = CBLOF(random_state=0).fit(BLOB)
    result = anogen.generate(detector, n_samples=2, n_generations=5)
    optimum = anogen.find_optimum(detector)
    assert isinstance(optimum.samples, np.ndarray) and optimum.status == "proved" and optimum.score == 0
    assert result.gap(optimum) == pytest.approx(result.scores)  # CBLOF's score is that distance
    with pytest.raises(anogen.InputError, match="does not fit samples"):
        result.gap(optimum._replace(samples=np.zeros((1, 3))))


def test_an_unknown_optimum_names_generate():
    with pytest.raises(anogen.InputError, match=r"unknown: search for it with anogen.generate\(scorer\)"):
        anogen.find_optimum(IsolationForest(random_state=0).fit(BLOB))


# --- extension


def test_a_class_and_a_function_can_be_registered():
    class Mine(BaseEstimator):
        def fit(self, X):
            self.mean_ = X.mean(axis=0)
            return self

        def decision_function(self, X):
            return np.linalg.norm(X - self.mean_, axis=1)

    class Theirs(Mine):
        pass

    class Other(Mine):
        def decision_function(self, X):
            return np.zeros(len(X))

    @anogen.register_scorer(Mine, fitted="mean_")
    class MyScorer(anogen.Scorer):
        differentiable = True

        def __init__(self, detector):
            self.mean, self.n_features_in_ = torch.from_numpy(detector.mean_), len(detector.mean_)

        def score(self, x):
            return (x - self.mean).norm(dim=1)

    @anogen.register_scorer(Theirs, fitted="mean_")
    def make_their_scorer(detector):
        return MyScorer(detector)

    for cls in (Mine, Theirs):
        detector = cls().fit(BLOB)
        scorer = anogen.make_scorer(detector)
        assert isinstance(scorer, MyScorer)
        assert scorer(FAR).numpy() == pytest.approx(detector.decision_function(FAR))
    with pytest.raises(anogen.InputError, match="Mine is not fitted"):
        anogen.make_scorer(Mine())
    assert isinstance(anogen.make_scorer(Other().fit(BLOB), 6, orientation="anomaly"), FallbackScorer)
    with pytest.raises(anogen.InputError, match="takes a class of detectors"):
        anogen.register_scorer("Mine")
