"""Tables on phones: a table that is too wide has the head of its column in each cell, and shows each row as a block."""

import re

TABLE = re.compile(r'<table class="(?:docutils )?table[^"]*"[^>]*>(?:(?!<table\b).)*?</table>', re.DOTALL)
ROW = re.compile(r"<tr\b([^>]*)>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)
MARKUP = re.compile(r"<annotation\b.*?</annotation>|<[^>]+>", re.DOTALL)
LONG = re.compile(r"(?<=[a-z]{3}[._])(?=[a-z]{3})(?![^<]*>)")  # in a name such as university.degree
PHONE = 358  # CSS pixels of a table on a phone
LETTER, PADDING = 7.3, 19  # CSS pixels


def stacked(text: str) -> str:
    """Return a page whose wide tables have what a phone needs, with the roles that a block would take from them."""
    return TABLE.sub(lambda match: _table(match[0]), text)


def _table(html: str) -> str:
    rows = [[(MARKUP.sub("", cell[3]).strip()) for cell in CELL.finditer(row[2])] for row in ROW.finditer(html)]
    if "<thead" not in html or "colspan" in html or len({len(row) for row in rows}) != 1:
        return html
    longest = (max(len(word) for cell in column for word in cell.split() or [""]) for column in zip(*rows, strict=True))
    width = sum(LETTER * letters + PADDING for letters in longest)
    if width <= PHONE:
        return html

    def row(match: re.Match[str]) -> str:
        heads = (head.replace('"', "&quot;") for head in rows[0])

        def cell(found: re.Match[str]) -> str:
            head, place = next(heads), "columnheader" if found[1] == "th" else "cell"
            label = f' data-head="{head}"' if place == "cell" and MARKUP.sub("", found[3]).strip() else ""
            inner = LONG.sub("<wbr>", found[3]) if place == "cell" else found[3]
            return f'<{found[1]} role="{place}"{label}{found[2]}>{inner}</{found[1]}>'

        return f'<tr role="row"{match[1]}>{CELL.sub(cell, match[2])}</tr>'

    html = ROW.sub(row, html).replace('<table class="', '<table role="table" class="stacked ', 1)
    return re.sub(r"<(thead|tbody)>", r'<\1 role="rowgroup">', html)
