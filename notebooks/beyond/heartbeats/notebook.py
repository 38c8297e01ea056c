# %% [markdown]
# # Case study: ECG
#
# *Single heartbeats*

# %% [markdown] tags=["book-only"]
# Beats of the MIT-BIH Arrhythmia Database {cite:p}`moody2001impact`, cut and scaled as {cite:t}`kachuee2018ecg` did: 187 samples at 125 Hz, each beat from its own peak to after the next one, then zeros. Normal
# beats are learnt; all others are anomalous.
#
# A beat has a shape that everyone recognises: the peak, a wave after it, the next peak. This is as near to a picture as a series of numbers comes.

# %% tags=["parameters"]
scale = "laptop"
data = "heartbeats"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_lessons, show_rows

record = load_records("heartbeats", scale, data=data, generations=generations, seed=seed).get("application")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside beats that it has not seen.

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-heartbeats", ordered=True)

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real beats its own are.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
show_lessons(record, ordered=True)

# %% [markdown] tags=["book-only"]
# What a cardiologist sees at once, a ROC AUC hides: whether the detector knows the shape of a beat, or only how high the trace may be at each moment. The second suffices for the anomalies of
# this data set, and not for those that keep the usual range and lose the shape. A trace that jumps from sample to sample is no heartbeat, however low it scores.
