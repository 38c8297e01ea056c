"""From text notebooks to pages: execute a chapter, build the site, look into what was built.

Inside a notebook, ``show`` puts a figure on the page, ``frames`` several pictures in one figure with a slider over
them, ``tabulate`` a table of the inventory, and ``say`` a sentence whose numbers are computed.
"""

from companion.site.notebook import frames, say, show, tabulate

__all__ = ["frames", "say", "show", "tabulate"]
