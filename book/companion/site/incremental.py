"""Which pages Sphinx reads and writes again after a change.

Sphinx itself reads pages again whose text, records or documented modules are newer. Here it learns which verdicts have
changed, and that all pages must be written if anything has: tables, galleries, numbers and links to lines of code
depend on other files.
"""

import hashlib
from collections.abc import Iterable

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from anogen.paths import require_checkout
from companion.site.pages import noted
from companion.site.record_info import verdict

# The files that a page or the tables over all pages may be made from.
CONTENT = (
    "_config.yml", "_toc.yml", "CITATION.cff", "anogen/**/*.py", "notebooks/**/*.py", "book/**/*.py", "book/*.*",
    "book/api/*.md", "book/_static/**/*", "book/benchmarks/*", "book/records/**/*.json", "book/chapters/*.ipynb",
)  # fmt: skip


def setup(app: Sphinx) -> None:
    """Register the handlers."""
    app.add_config_value("anogen_content", default="", rebuild="html", types=[str])
    app.connect("config-inited", _set_content)
    app.connect("env-get-outdated", changed_verdicts)


def _set_content(_app: Sphinx, config: Config) -> None:
    """Set the digest of all files; Sphinx writes all pages if a value of this kind has changed."""
    if config.anogen_downloads:
        root = require_checkout()
        paths = sorted({path for pattern in CONTENT for path in root.glob(pattern) if path.is_file()})
        config.anogen_content = _sha256(
            f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths
        )


def changed_verdicts(
    app: Sphinx, env: BuildEnvironment, _added: set[str], _changed: set[str], _removed: set[str]
) -> list[str]:
    """Return the pages that show a verdict which is another one by now."""
    content = app.config.anogen_content
    if vars(env).get("anogen_content") == content:
        return []
    vars(env)["anogen_content"] = content
    shown = {page: noted(env, page, "verdicts") for page in env.metadata}
    return [page for page in shown if any(_fingerprint(claim) != known for claim, known in shown[page])]


def note_verdicts(env: BuildEnvironment, claims: Iterable[str]) -> None:
    """Note that the page which is being read shows the verdicts on these claims, as they are now."""
    noted(env, env.docname, "verdicts").extend((claim, _fingerprint(claim)) for claim in claims)


def _fingerprint(claim: str) -> str:
    return _sha256([repr(verdict(claim))])


def _sha256(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
