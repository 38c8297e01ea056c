# %% [markdown]
# # Case study: cardiotocography
#
# *Heart rates before birth*

# %% [markdown] tags=["book-only"]
# Cardiotocograms record the heart rate of a child before birth and the contractions of the uterus. Each row has 21 numbers taken from one of them; those that experts held to be pathological are the
# anomalies of *cardio*, as ADBench has the data {cite:p}`han2022adbench`.
#
# The numbers hang together: the mean of a rate, its median and its mode cannot differ at will. Does a detector know that? The row that it draws tells.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/cardio"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import load_records
from notebooks.beyond.common.figures_tabular import show_audit, show_lessons, show_rows, show_values

record = load_records("cardio", scale, data=data, generations=generations, seed=seed).get("application")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
show_rows(record, "anogen-fig-cardio")
show_values(record)

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real rows its own are.

# %% tags=["remove-input"]
show_audit(record)

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
show_lessons(record)

# %% [markdown] tags=["book-only"]
# Look at how the lines run from column to column, and not only at whether they stay within the bands: a row may be usual in every column and still be no heart rate. Detectors that take columns one at a time cannot
# tell the difference, on the picture as little as in use.
