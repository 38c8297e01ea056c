"""The site built by Sphinx itself has the settings that jupyter-book makes of `_config.yml`."""

from pathlib import Path

from jupyter_book.config import get_final_config

from companion.site.plain import EXTENSIONS, settings

UNUSED = {"jupyter_book", "sphinx_comments", "sphinx_jupyterbook_latex", "sphinx_thebe", "sphinx.ext.intersphinx"}


def test_plain_sphinx_has_the_settings_of_jupyter_book(root: Path) -> None:
    cli = {"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False, "nitpicky": True}
    theirs, _ = get_final_config(user_yaml=root / "_config.yml", cli_config=cli, sourcedir=root)
    ours = settings(root)
    assert set(theirs.pop("extensions")) - set(ours.pop("extensions")) == UNUSED
    assert set(theirs.pop("exclude_patterns")) >= set(ours.pop("exclude_patterns")) >= {"_build", "notebooks"}
    options = theirs.pop("html_theme_options")
    unset = {"use_edit_page_button", "use_issues_button", "use_repository_button", "path_to_docs", "announcement"}
    assert {k: v for k, v in options.items() if k not in {"analytics", "launch_buttons", *unset}} == ours.pop(
        "html_theme_options"
    )
    assert ours == {key: theirs[key] for key in ours}
    left_out = {key: value for key, value in theirs.items() if key not in ours}
    prefixes = ("nb_execution_", "comments_config", "latex_", "use_jupyterbook_", "use_multitoc_")
    assert {key for key, value in left_out.items() if value and not key.startswith(prefixes)} == set()


def test_the_extensions_are_in_the_lock(root: Path) -> None:
    lock = (root / "requirements-sphinx.lock").read_text(encoding="utf8")
    for extension in EXTENSIONS:
        assert f"\n{extension.replace('_', '-').replace('sphinxcontrib.', 'sphinxcontrib-')}==" in f"\n{lock}"
