"""From text notebooks to pages: execute a chapter, build the site, look into what was built.

Inside a notebook, ``show`` puts a figure on the page and ``say`` a sentence whose numbers are computed.
"""

from anogen.publishing.notebook import say, show

__all__ = ["say", "show"]
