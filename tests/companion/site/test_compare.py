"""Two builds are compared byte for byte."""

import subprocess
import sys
from pathlib import Path

import pytest

from companion.site.compare import differences


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        (folder / "book").mkdir(parents=True)
        (folder / "book/page.html").write_text("<p>equal</p>")
        (folder / "picture.png").write_bytes(bytes(range(200)))
    return folders


def test_equal_builds_have_no_difference(builds: tuple[Path, Path]) -> None:
    assert differences(*builds) == []


def test_every_difference_is_named(builds: tuple[Path, Path]) -> None:
    first, second = builds
    (first / "picture.png").write_bytes(bytes(range(150)) + bytes(50))
    (second / "book/page.html").write_text("<p>equal</p> ")
    (second / "more.txt").write_text("")
    page, more, picture = differences(first, second)
    assert page.startswith("book/page.html: byte 12: '") and picture.startswith("picture.png: byte 150: ")
    assert more == f"more.txt: only in {second}"


def test_the_command_fails_if_builds_differ_or_are_empty(builds: tuple[Path, Path], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "companion.site.compare"]
    assert subprocess.run([*command, *builds], check=False, capture_output=True).returncode == 0
    (builds[1] / "picture.png").write_bytes(b"")
    done = subprocess.run([*command, *builds], check=False, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.endswith("2 files, 1 differences\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert subprocess.run([*command, empty, empty], check=False, capture_output=True).returncode == 1
