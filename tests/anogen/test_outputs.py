"""Commands replace only files that anogen wrote, never follow a link, and print no control characters."""

import errno
import os
from pathlib import Path

import pytest

from anogen.errors import InputError
from anogen.outputs import check_output, printable, write_output

PAGE = b'<!DOCTYPE html><meta charset="utf-8"><meta name="generator" content="anogen"> '


def refused(path, words):
    for call in (lambda: check_output(path), lambda: write_output(path, PAGE)):
        with pytest.raises(InputError, match=words) as error:
            call()
        assert "\n" not in str(error.value) and str(path) in str(error.value)


def test_a_file_is_written_whole_and_an_own_one_replaced(tmp_path):
    path = tmp_path / "page.html"
    for text in (b"one", b"two"):
        assert write_output(path, PAGE + text) == path
        assert path.read_bytes() == PAGE + text
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"1,2\n3,4\n", b"", b'{"anogen": 1, "name": "anogen"}', PAGE[10:40]])
def test_a_file_of_the_user_is_never_replaced(tmp_path, content):
    path = tmp_path / "mine.html"
    path.write_bytes(content)
    refused(path, "exists and anogen did not write it")
    assert path.read_bytes() == content and list(tmp_path.iterdir()) == [path]
    assert write_output(path, content) == path  # nothing would change


def test_links_folders_pipes_and_devices_are_refused(tmp_path):
    victim = tmp_path / "victim.html"
    victim.write_bytes(PAGE)
    (tmp_path / "link").symlink_to(victim)
    (tmp_path / "dangling").symlink_to(tmp_path / "new")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "dangling", "pipe", "folder", "/dev/null"):
        refused(tmp_path / name, "a link, a folder or a device")
    assert (tmp_path / "link").is_symlink() and not (tmp_path / "new").exists()
    refused(tmp_path / "nowhere" / "page.html", "a folder that exists")
    refused(victim / "page.html", "a folder that exists")
    refused(tmp_path / ("x" * 300), "name too long|File name too long")


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match=r"cannot write .*page.html: No space left on device"):
        write_output(tmp_path / "page.html", PAGE)
    assert not list(tmp_path.iterdir())


def test_control_characters_are_escaped():
    assert printable("\x1b[31mred\n\ttext\u202e\x00é") == "\\x1b[31mred\\n\\ttext\\u202e\\x00é"
    assert printable("a\nb", keep="\n") == "a\nb"
    printable("\udcff").encode()
