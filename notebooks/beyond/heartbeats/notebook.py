# %% [markdown]
# # Case study: ECG

# %% [markdown] tags=["book-only"]
# ```{glance} heartbeats
# question: Does a detector know the shape of a heartbeat, or only the usual range at each moment?
# here: Five detectors, fitted to normal beats of 187 samples at 125 Hz; method as in {doc}`campaign`.
# finding: No detector knows it all: after the first peak, generated beats rise to at most {glue}`second_peak`, where the median real beat reaches {glue}`real_peak` at the next peak. {glue}`nearest`, with the highest ROC AUC ({glue}`best_auc`), comes closest.
# ```

# %% [markdown] tags=["book-only"]
# Beats of the MIT-BIH Arrhythmia Database {cite:p}`moody2001impact`, cut and scaled as by {cite:t}`kachuee2018ecg`: each beat starts at its own peak, ends after the next one, and is padded with zeros. Normal beats are learned; all others are anomalous.

# %% tags=["parameters"]
scale = "laptop"
data = "heartbeats"
generations = 3000
seed = 0

# %% tags=["remove-input"]
import numpy as np

from companion.notebook import glue, load_records
from notebooks.beyond.common.figures_tabular import glue_summary, show_audit, show_rows

AFTER_FIRST_PEAK = 25  # samples, 0.2 s
record = load_records("heartbeats", scale, data=data, generations=generations, seed=seed).get("application")
second = {key: record[key][..., AFTER_FIRST_PEAK:].max(axis=-1) for key in ("drawn", "near", "real")} if record else {}
glue_summary(
    record,
    """
    best_auc nearest nearest_distance farthest farthest_distance roughest sound detectors faulty faulty_auc
    absurd_ratio near_rank
    """,
)
glue(
    second_peak=f"{np.max(second.get('drawn', 0)):.2f}",
    real_peak=f"{np.median(second.get('real', 0)):.2f}",
    near_peak=f"{np.max(second.get('near', 0)):.2f}",
)

# %% [markdown]
# ## Beats with the lowest score

# %% [markdown] tags=["book-only"]
# **Here:** {glue}`nearest`'s beats are closest to real ones ({glue}`nearest_distance` times the usual distance). HBOS and IForest score samples one at a time, and their traces jump, {glue}`farthest`'s {glue}`roughest` times as much as real beats ({glue}`farthest_distance` times the usual distance). OCSVM leads to a mean beat. The second peak, whose position varies between beats, is missing in all.

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-heartbeats", ordered=True)

# %% [markdown]
# ## Audit
#
# The report of `anogen audit` for each detector: its verdict, and for each finding ({doc}`audit-bench` lists all) the evidence and what to do. Distances are relative to those between real beats, as in {doc}`campaign`. The last column is the mean change from one sample to the next (real beats: 1).

# %% tags=["remove-input"]
show_audit(record, ordered=True)

# %% [markdown] tags=["book-only"]
# ## What a practitioner learns
#
# - {glue}`sound` of {glue}`detectors` detectors have no finding, and none of these generates a beat with a second peak: *no finding* does not mean that a detector knows the data.
# - {glue}`faulty` has an absurd optimum, {glue}`absurd_ratio` times as far from the data as beats usually are, and the ROC AUC {glue}`faulty_auc`.
# - The real beats nearest to the most normal ones (blue in the figure) lack a high second peak, too: they rise to at most {glue}`near_peak`. At most {glue}`near_rank` of held-out beats score as low as they do.

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - A cardiologist sees at once what a ROC AUC hides: whether the detector knows the shape of a beat or only the usual height at each moment.
# - A feature whose position varies, such as the second peak, is lost in the most normal row.
