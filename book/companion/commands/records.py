"""`anogen records`: list, compute and verify the book's records."""

import os
import subprocess
import sys
from contextlib import nullcontext
from typing import Any

import click

from companion.commands.options import FINDINGS, jobs_option


@click.group()
def records() -> None:
    """List, compute or verify the book's records."""


@records.command("list")
def list_records() -> int:
    """List the book's records and the state of each; exit status 1 if one is not ok."""
    from companion.records import verify

    rows = list(verify.rows(verify.book()))
    for row in rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.0f} s"
        click.echo(f"{row.state:8} {row.scale:7} {seconds:>8} {row.size / 1e3:7.0f} kB  {row.id}  {row.why}".rstrip())
    bad = sum(row.state != "ok" for row in rows)
    click.echo(f"{len(rows)} records, {bad} of them not ok, {sum(row.size for row in rows) / 1e6:.1f} MB")
    return FINDINGS if bad else 0


@records.command("compute")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--chapter", help="Only the records of this chapter.")
@click.option("--restart", is_flag=True, help="Discard the state of interrupted computations.")
@click.option("--dry-run", is_flag=True, help="Only print the predicted minutes of each.")
@jobs_option
@click.option("--dask", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler.")
def compute_records(
    names: tuple[str, ...], chapter: str | None, restart: bool, dry_run: bool, jobs: int, dask: str | None
) -> None:
    """Compute missing and stale records (NAME: a record or an experiment); interrupted computations resume."""
    from anogen.progress import Bar
    from companion.records import compute, store, verify
    from companion.records import workers as executors

    if dask and jobs > 1:
        raise click.UsageError("--jobs and --dask exclude each other: choose one")
    known = verify.select(list(names), chapter)
    todo = {row.id: known[row.id] for row in verify.rows(known) if row.state != "ok" or restart}
    if dry_run:
        for id_, experiment in todo.items():
            click.echo(f"{verify.predicted_seconds(experiment) / 60:7.1f} min  {id_}")
        return
    with nullcontext() if dask is None else executors.connect(dask) as workers, Bar() as bar:
        if workers and not workers.n_connected:
            click.echo("anogen: the cluster has no worker yet: waiting for one", err=True)
        options: dict[str, Any] = {"jobs": jobs, "workers": workers, "restart": restart, "report": bar}
        for experiment in todo.values():
            compute(experiment, folder=store.committed_folder(), **options)
    click.echo(f"{len(todo)} records computed, {len(known) - len(todo)} were there")


@records.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--witnesses", is_flag=True, help="Recompute the small witnesses instead of the records.")
@click.option("--restamp", is_flag=True, help="Accept today's code for records whose witness agrees.")
@click.option("--random", "pick", is_flag=True, help="Only one record, at random from those of under a minute.")
def verify_records(names: tuple[str, ...], witnesses: bool, restamp: bool, pick: bool) -> int:
    """Recompute records (NAME: a record or an experiment) and compare; exit status 1 if one differs or is missing."""
    from companion.records import machine, store, verify

    if (witnesses or restamp) and not machine.has_fixed_instructions():
        given = {"--witnesses": witnesses, "--restamp": restamp, "--random": pick}
        options = [name for name, value in given.items() if value]
        command = [sys.executable, "-m", "anogen", "records", "verify", *names, *options]
        return subprocess.run(command, env=os.environ | machine.FIXED_INSTRUCTIONS, check=False).returncode
    chosen = verify.select(list(names))
    if pick:
        chosen = verify.draw(chosen)
    check = verify.restamp if restamp else verify.check_witness if witnesses else verify.check_record
    missing, differ = 0, 0
    for number, experiment in enumerate(chosen.values(), start=1):
        if store.find_committed(experiment):
            result = check(experiment)
            differ += not result.agrees
            line = f"{'agrees ' if result.agrees else 'DIFFERS'} {result.id} ({result.how})"
        else:
            missing += 1
            line = f"MISSING {experiment.id}"
        click.echo(f"[{number}/{len(chosen)}] {line}")
    click.echo(f"{len(chosen) - missing} checked, {differ} differ, {missing} are missing")
    return FINDINGS if differ or missing else 0
