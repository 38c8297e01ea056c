"""All planted faults of the bench, by name, in the order of the records, which is that of these imports."""

# isort: off
from notebooks.beyond.audit_bench import faults_rows, faults_fitting, faults_calls, faults_second  # noqa: F401  they register

# isort: on
from notebooks.beyond.audit_bench.planted import FAULTS, REFUSED

__all__ = ["FAULTS", "REFUSED"]
