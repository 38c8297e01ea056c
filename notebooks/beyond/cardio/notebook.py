# %% [markdown]
# # Case study: cardiotocography

# %% [markdown] tags=["book-only"]
# ```{glance} cardio
# question: Does a detector know that the numbers of one heart rate depend on each other?
# here: Five detectors, fitted to 21 numbers of normal cardiotocograms; method as in {doc}`campaign`.
# finding: Some do. The width of a histogram is its maximum minus its minimum; the row found on GMM keeps this rule, that on HBOS, which scores columns one at a time, breaks it by {glue}`hbos_off` standard deviations.
# ```

# %% [markdown] tags=["book-only"]
# Cardiotocograms record the heart rate of a child before birth and the contractions of the uterus. The anomalies of *cardio*, a data set of ADBench {cite:p}`han2022adbench`, are those that experts called pathological. The mean, the median and the mode of a heart rate cannot differ at will; does a detector notice?

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/cardio"
generations = 3000
seed = 0

# %% tags=["remove-input"]
import numpy as np

from anogen.detectors import CATALOGUE
from companion.figures.tables import percent
from companion.notebook import glue, load_records
from notebooks.beyond.common.columns import NAMES
from notebooks.beyond.common.figures_tabular import glue_summary, lowest, show_audit, show_rows, show_values

record = load_records("cardio", scale, data=data, generations=generations, seed=seed).get("application")
glue_summary(
    record,
    """
    best best_auc best_distance nearest nearest_distance farthest farthest_distance sound detectors faulty
    best_findings absurd_ratio columns least_apart least_apart_name most_apart most_apart_name near_rank
    near_rank_name
    """,
)
off = dict.fromkeys(CATALOGUE, 0.0)  # by detector, of its row with the lowest score
explained = 0.0
if record is not None and record["real"].shape[1] == len(NAMES["adbench/cardio"]):
    made = record["drawn"][np.arange(len(record["drawn"])), lowest(record)]
    rows = [np.column_stack([x[:, 12:14], np.ones(len(x))]) for x in (record["real"], made)]
    real, drawn = (x[:, 11].astype(float) for x in (record["real"], made))
    fitted = np.linalg.lstsq(rows[0], real, rcond=None)[0]  # the width as a sum of minimum, maximum and a constant
    explained = 1 - (real - rows[0] @ fitted).var() / real.var()
    off |= dict(zip(record.parameter("detectors"), np.abs(drawn - rows[1] @ fitted), strict=True))
glue(
    width_explained=percent(explained),
    **{f"{name}_off": f"{off[name]:.2f}" for name in ("gmm", "hbos", "iforest", "knn", "ocsvm")},
)

# %% [markdown]
# ## Rows with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** In real rows, minimum and maximum of the histogram explain {glue}`width_explained` of the variance of its width. The rows found on GMM, OCSVM and KNN keep the rule (they are off by {glue}`gmm_off`, {glue}`ocsvm_off` and {glue}`knn_off` standard deviations), those on IForest and HBOS do not ({glue}`iforest_off` and {glue}`hbos_off`).
# {glue}`nearest`'s rows are nearest to real ones ({glue}`nearest_distance` times the usual distance), {glue}`farthest`'s farthest ({glue}`farthest_distance`).

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-cardio")

# %% [markdown]
# Each detector's row with the lowest score and, in parentheses, the real row nearest to it; values that fewer than 5% of normal rows have at that end are bold. Columns are standardised. The file has no names; we use the order of the UCI data set from which ADBench took the data. The rule for the width confirms this order.

# %% tags=["remove-input"]
show_values(record)

# %% [markdown]
# ## Audit
#
# The report of `anogen audit` for each detector: its verdict, and for each finding ({doc}`audit-bench` lists all) the evidence and what to do. Distances are relative to those between real rows, as in {doc}`campaign`.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown] tags=["book-only"]
# ## What a practitioner learns
#
# - {glue}`sound` of {glue}`detectors` detectors have no finding. The one with the highest ROC AUC ({glue}`best_auc`) is not among them: {glue}`faulty`, with *{glue}`best_findings`*. A row {glue}`absurd_ratio` times as far from the data as rows usually are scores below nearly all real ones.
# - The real row nearest to the most normal one says whether the score is low where the data are. On {glue}`near_rank_name` it is not: {glue}`near_rank` of held-out rows score as low as that real row, and none as low as the generated one.
# - Between the most normal row and the real one, {glue}`most_apart` of {glue}`columns` columns differ by more than a tenth of their range on {glue}`most_apart_name`, {glue}`least_apart` on {glue}`least_apart_name`.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - A row can be usual in every column and still be impossible. Detectors that look at one column at a time (HBOS, the cuts of IForest) do not notice.
# - The ROC AUC does not show this: {glue}`best` detects best ({glue}`best_auc`), and its rows are {glue}`best_distance` times as far from real ones as usual.
