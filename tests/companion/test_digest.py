"""A record's digest of the code changes when what computes it does, and only then."""

import importlib
import sys
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anogen.detectors import catalogue
from companion import digest
from companion.records import store

FILES = {
    "__init__.py": '"""A package."""\n',
    "experiment.py": '"""Doc."""\n\nfrom {p} import helper\n\n\n'
    'def run(x):\n    """Doc."""\n    return helper.f(x)  # why\n',
    "helper.py": "from {p}.deep.low import g\n\n\nclass C:\n    pass\n\n\ndef f(x):\n    return g(x) + 1\n",
    "deep/__init__.py": "",
    "deep/low.py": "import math\n\n\ndef g(x):\n    return math.sin(x)\n",
    "unrelated.py": "X = 1\n",
}
numbers = count()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write a small package, and return a function that edits it and returns the digest of its experiment."""
    name = f"package{next(numbers)}"
    monkeypatch.syspath_prepend(tmp_path)

    def edit(file=None, old="", new=""):
        for path, text in FILES.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.write_text(text.format(p=name))
        if file:
            target = tmp_path / name / file
            before = target.read_text()
            assert old in before
            target.write_text(before.replace(old, new.format(p=name)))
        importlib.invalidate_caches()
        return digest.of_code(f"{name}.experiment")

    yield edit
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("experiment.py", "# why", "# another reason"),
        ("experiment.py", '    """Doc."""\n', ""),
        ("experiment.py", '"""Doc."""\n\nfrom', '"""Another text\n\n    over lines.\n"""\nfrom'),
        ("experiment.py", "helper.f(x)", "(\n        helper\n        .f(x,)\n    )"),
        ("helper.py", "class C:\n    pass", 'class C:\n    """What it is."""\n\n    pass'),
        ("deep/low.py", "math.sin(x)", "math.sin(  x )  # a comment"),
        ("unrelated.py", "X = 1", "X = 2"),
    ],
)
def test_comments_docstrings_layout_and_other_modules_do_not_count(package, file, old, new):
    assert package() == package(file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("experiment.py", "helper.f(x)", "helper.f(-x)"),
        ("helper.py", "+ 1", "+ 2"),
        ("helper.py", "+ 1", "+ 1.0"),
        ("deep/low.py", "math.sin", "math.cos"),  # imported by what is imported
        ("deep/low.py", "return math.sin(x)", "return '# no comment'"),
        ("experiment.py", "def run", "from {p} import unrelated\n\ndef run"),
        ("experiment.py", "def run", "import {p}.unrelated\n\ndef run"),
        ("__init__.py", '"""A package."""', "from {p} import unrelated\nunrelated.X = 3"),
    ],
)
def test_code_counts_wherever_it_is_imported_from(package, file, old, new):
    assert package() != package(file, old, new)


def test_what_a_package_hands_out_only_when_asked_does_not_count(package):
    before = package()
    assert (
        package("__init__.py", '"""A package."""', '"""A package."""\n\n\ndef __getattr__(name):\n    return 1')
        == before
    )


def test_an_import_inside_a_function_counts_too(package):
    package("experiment.py", '    """Doc."""\n', "    from {p}.unrelated import X\n")
    before = package()
    assert before != package("unrelated.py", "X = 1", "X = 2")


def test_a_module_that_is_imported_by_name_counts_too(package):
    before = package("experiment.py", "helper.f(x)", 'helper.f(x), "{p}.unrelated:X"')
    assert package("unrelated.py", "X = 1", "X = 2") != before


def test_the_digest_is_the_same_in_every_process(package):
    digest._read.cache_clear()
    first = package()
    digest._read.cache_clear()
    assert package() == first


def test_the_experiments_of_the_book_depend_on_the_code_that_they_run():
    from notebooks.thesis.autoencoder.experiments import Evolution

    seen = {}
    original = digest._read
    digest._read = lambda path, modified: seen.setdefault(path, original(path, modified))
    try:
        store.code_digest(Evolution.at("quick"))
    finally:
        digest._read = original
    assert {"evolution.py", "autoencoder.py", "base.py", "loading.py", "quality.py"} <= {path.name for path in seen}
    assert not {"figures", "site", "records", "claims"} & {path.parent.name for path in seen}


@pytest.fixture
def edit_file(root, tmp_path, monkeypatch):
    """Return a function that makes the digest read an edited copy of a project file."""
    original = digest._read.__wrapped__

    def edit(file, old="", new="", append=""):
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        copy = tmp_path / "edited.py"
        copy.write_text(text.replace(old, new, 1) + append, encoding="utf-8")
        monkeypatch.setattr(digest, "_read", lambda path, modified: original(copy if path == root / file else path, 0))

    return edit


@pytest.fixture
def retraining():
    from companion.studies.retraining import Retraining

    return Retraining.at("quick", detector="cblof")


@pytest.mark.parametrize(
    "file",
    ["anogen/generators/evolution.py", "anogen/scorers/cblof.py", "book/companion/studies/retraining.py",
     "book/companion/experiment.py"],
)  # fmt: skip
def test_a_change_of_the_library_or_the_companion_makes_a_record_stale(retraining, edit_file, file):
    before = store.code_digest(retraining)
    edit_file(file, append="\nNEW = 1\n")
    assert store.code_digest(retraining) != before


def test_a_change_of_the_chapter_makes_a_record_stale(edit_file):
    from notebooks.thesis.background.experiments import RocCurve

    before = store.code_digest(RocCurve())
    edit_file("notebooks/thesis/background/experiments.py", append="\nNEW = 1\n")
    assert store.code_digest(RocCurve()) != before


@pytest.mark.parametrize(
    ("file", "append"),
    [
        ("anogen/detectors/catalogue.py", '\nCATALOGUE = {"new": Entry("New", "pyod.models.lunar:LUNAR", "", "")}\n'),
        ("anogen/generators/evolution.py", "\n# a comment\n"),
        ("anogen/scorers/hbos.py", "\nNEW = 1\n"),  # the scorer of a detector that the experiment does not use
    ],
)
def test_other_detectors_leave_a_record_current(retraining, edit_file, file, append):
    before = store.code_digest(retraining)
    edit_file(file, append=append)
    assert store.code_digest(retraining) == before


@pytest.mark.parametrize(
    "append",
    ["\n\ndef chapter_experiments(scale):\n    return {}\n", '\nQUICK = {"points": 1}\n'],
)
def test_the_registration_of_a_chapter_leaves_its_records_current(edit_file, append):
    from notebooks.thesis.background.experiments import RocCurve

    before = store.code_digest(RocCurve())
    edit_file("notebooks/thesis/background/experiments.py", append=append)
    assert store.code_digest(RocCurve()) == before


def test_the_options_and_the_class_of_a_used_detector_count(retraining, monkeypatch):
    before = store.code_digest(retraining)
    entry = catalogue.CATALOGUE["cblof"]
    for changed in (entry._replace(options={"n_clusters": 5}), entry._replace(path="pyod.models.hbos:HBOS")):
        monkeypatch.setitem(catalogue.CATALOGUE, "cblof", changed)
        store.implementation.cache_clear()
        assert store.code_digest(retraining) != before
    monkeypatch.setitem(catalogue.CATALOGUE, "cblof", entry)
    store.implementation.cache_clear()
    assert store.code_digest(retraining) == before


def test_a_record_names_its_detectors(retraining):
    assert store.implementations(retraining) == {"cblof": "pyod.models.cblof:CBLOF"}


@given(
    arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, max_side=4)),
    st.integers(0, 10_000),
)
def test_an_arrays_digest_sees_every_bit_the_shape_and_the_type(array, where):
    same = digest.of_array(array)
    assert digest.of_array(np.array(array, order="F")) == same
    assert digest.of_array(array.reshape(1, *array.shape)) != same
    if array.nbytes:
        raw = bytearray(array.tobytes())
        raw[where % len(raw)] ^= 1 << (where % 8)
        changed = np.frombuffer(bytes(raw), dtype=array.dtype).reshape(array.shape)
        assert digest.of_array(changed) != same


def test_the_order_of_arrays_does_not_matter_but_their_names_do():
    a, b = np.arange(3), np.arange(4.0)
    assert digest.of_arrays({"a": a, "b": b}) == digest.of_arrays({"b": b, "a": a})
    assert digest.of_arrays({"a": a, "b": b}) != digest.of_arrays({"a": b, "b": a})
    assert digest.of_arrays({"a": a}) != digest.of_arrays({"c": a})
