"""Entries to cite come from the project's own files; times of chapters from its records."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from companion.experiment import Experiment
from companion.site import runtimes as minutes
from companion.site.citing import entry, own

CITATION = "title: 'anogen: a title'\nversion: 0.3.0\nlicense: MIT\nauthors:\n  - name: The authors\n"
BIBLIOGRAPHY = "% words\n@misc{a2020one,\n  title = {{One} two},\n}\n\n@book{b2021two,\n  year = {2021}\n}\n"


def test_the_books_own_entry_says_what_the_citation_file_says() -> None:
    made = own(CITATION, "2026")
    assert made.startswith("@software{anogen,\n")
    for field in ("author = {{The authors}}", "title = {anogen: a title}", "version = {0.3.0}", "year = {2026}"):
        assert field in made
    assert "doi" not in made
    assert "year = {2027}" in own(CITATION + "date-released: 2027-01-31\n", "2026")
    people = "title: t\nversion: 1\nlicense: MIT\nauthors:\n  - {family-names: A, given-names: B}\n  - {name: C}\n"
    assert "author = {{A, B} and {C}}" in own(people, "2026")


def test_an_entry_is_taken_from_the_bibliography_as_it_stands() -> None:
    assert entry(BIBLIOGRAPHY, "a2020one") == "@misc{a2020one,\n  title = {{One} two},\n}"
    assert entry(BIBLIOGRAPHY, "b2021two").endswith("year = {2021}\n}")
    with pytest.raises(ValueError, match="no entry 'a2020'"):
        entry(BIBLIOGRAPHY, "a2020")


@dataclass(frozen=True, kw_only=True)
class Toy(Experiment):
    name: ClassVar[str] = "toy"
    generations: int = 100


@dataclass(frozen=True, kw_only=True)
class Other(Toy):
    name: ClassVar[str] = "other"


def test_times_are_predicted_by_the_ratio_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {100: 10.0, 300: 50.0}
    monkeypatch.setattr(minutes, "_meta", lambda one: {"seconds": seconds[one.generations]} if one.seed == 0 else None)
    known = [Toy(), Toy(generations=300), Toy(seed=1)]
    assert minutes.predicted([Toy(generations=20), Toy(generations=20, seed=3)], known) == pytest.approx(
        2 * 60 / 400 * 20
    )
    assert minutes.predicted([Toy(), Other()], known) is None
    assert minutes.predicted([], known) == 0


def test_a_row_of_the_grid_takes_one_start_and_one_pair_of_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minutes, "_meta", lambda one: {"seconds": one.work()} if one.detector == "hbos" else None)
    searches = minutes.searches()
    assert len(searches) == 8
    page, place = None, None  # what it shows depends on neither
    (listed,) = minutes.grid(page, place)  # type: ignore[arg-type]
    free = 1 + sum(1 - k for k in searches["hbos"].ks)
    assert f"{30_000 * free / 3600:.1f} h" in listed.astext()
    assert listed.astext().count("no record yet") == 7
    assert "1 of 8 together" in listed.astext()
