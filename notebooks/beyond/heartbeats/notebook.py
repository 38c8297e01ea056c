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
from notebooks.beyond.common.figures_tabular import show_audit, show_rows, summary

AFTER_FIRST_PEAK = 25  # samples, 0.2 s
record = load_records("heartbeats", scale, data=data, generations=generations, seed=seed).get("application")
told = summary(record)
second = {key: record[key][..., AFTER_FIRST_PEAK:].max(axis=-1) for key in ("drawn", "real")} if record else {}
glue(
    best_auc=told["best_auc"],
    nearest=told["nearest"],
    nearest_distance=told["nearest_distance"],
    farthest=told["farthest"],
    farthest_distance=told["farthest_distance"],
    roughest=told["roughest"],
    second_peak=f"{np.max(second.get('drawn', 0)):.2f}",
    real_peak=f"{np.median(second.get('real', 0)):.2f}",
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
# Faults are those of {doc}`audit`; distances are relative to those between real beats, as in {doc}`campaign`. The last column is the mean change from one sample to the next (real beats: 1).

# %% tags=["remove-input"]
show_audit(record, ordered=True)

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - A cardiologist sees at once what a ROC AUC hides: whether the detector knows the shape of a beat or only the usual height at each moment.
# - A feature whose position varies, such as the second peak, is lost in the most normal row.
