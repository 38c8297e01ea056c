# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Heart rates before birth
#
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
from companion.chapters import chapter_experiments
from companion.notebook import figure, markdown, table
from companion.records.available import load_available
from notebooks.beyond.applications.figures import audited, described, explained, lessons, panels, values

wanted = chapter_experiments("cardio", scale, data=data, generations=generations, seed=seed)
record = load_available("cardio", wanted).get("application")
if record is None:
    markdown("The record is still missing: `anogen records compute --chapter cardio` computes it.")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
if record:
    figure(
        panels(record),
        id="anogen-fig-cardio",
        records=[record],
        **described(record),
    )

# %% tags=["remove-input"]
if record and record["real"].shape[1] <= 30:
    table(*values(record))
    markdown(
        "Values of normal rows, and of the row that each detector draws from its first start. Columns are numbered as in the file."
    )

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real rows its own are.

# %% tags=["remove-input"]
if record:
    table(*audited(record))
    markdown(explained(record))

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
if record:
    markdown("\n".join(f"- {sentence}" for sentence in lessons(record)))

# %% [markdown]
# Look at how the lines run from column to column, and not only at whether they stay within the bands: a row may be usual in every column and still be no heart rate. Detectors that take columns one at a time cannot
# tell the difference, on the picture as little as in use.
