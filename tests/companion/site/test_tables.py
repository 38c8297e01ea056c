"""Wide tables carry what a phone needs; the others stay as they are."""

from companion.site.tables import stacked


def table(*heads: str) -> str:
    cells = "".join(f"<td><p>{head}_value</p></td>" for head in heads[1:])
    head = "".join(f'<th class="head"><p>{head}</p></th>' for head in heads)
    row, empty = f"<tr><td><p>university.degree</p></td>{cells}</tr>", f"<tr>{'<td></td>' * len(heads)}</tr>"
    return f'<table class="table">\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{row}{empty}</tbody>\n</table>'


def test_a_wide_table_has_roles_and_the_heads_of_its_columns_in_its_cells() -> None:
    text = stacked(table("column", "difference", "deviation", "correlation"))
    assert text.startswith('<table role="table" class="stacked table">')
    assert text.count('role="columnheader"') == 4 and text.count('role="row"') == 3
    assert '<td role="cell" data-head="correlation"><p>correlation_<wbr>value</p></td>' in text
    assert "<p>university.<wbr>degree</p>" in text
    assert text.count("data-head") == 4  # not in the empty cells, which a phone leaves out
    assert stacked(text) == text


def test_a_narrow_table_stays_as_it_is() -> None:
    narrow = table("k", "p")
    assert stacked(narrow) == narrow
