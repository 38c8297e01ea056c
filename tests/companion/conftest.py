"""The experiments of the whole book, made once for all tests that read them."""

import pytest

from companion.records import verify


@pytest.fixture(scope="session")
def all_experiments():
    """Return the experiments of all chapters by id."""
    return verify.book()
