"""Options that several commands share."""

import click

FINDINGS = 1  # exit status

scale_option = click.option("--scale", default="laptop", show_default=True, help="quick, laptop or paper.")


def _positive(_ctx: click.Context, _parameter: click.Parameter, value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is not a number of processes: give 1 or more")
    return int(value)


jobs_option = click.option(
    "--jobs", default="1", metavar="N", callback=_positive, help="Number of processes; the results are the same."
)


def complete_chapter(_ctx: click.Context, _parameter: click.Parameter, start: str) -> list[str]:
    """Return the chapters whose names begin with `start`, for shell completion."""
    from companion.chapters import chapters

    return [name for name in chapters() if name.startswith(start)]
