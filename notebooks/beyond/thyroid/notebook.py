# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Six numbers of the thyroid
#
# Six measurements of patients, most with a healthy thyroid; those with hyperfunction are the anomalies of *thyroid*, as ADBench has the data {cite:p}`han2022adbench`.
#
# With six columns one can read the row that a detector draws number by number, and put it beside the patients.

# %% tags=["parameters"]
scale = "laptop"
data = "adbench/thyroid"
generations = 3000
seed = 0

# %% tags=["remove-input"]
from companion.chapters import chapter_experiments
from companion.notebook import figure, markdown, table
from companion.records.available import load_available
from notebooks.beyond.applications.figures import audited, described, explained, lessons, panels, values

wanted = chapter_experiments("thyroid", scale, data=data, generations=generations, seed=seed)
record = load_available("thyroid", wanted).get("application")
if record is None:
    markdown("The record is still missing: `anogen records compute --chapter thyroid` computes it.")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
if record:
    figure(
        panels(record),
        id="anogen-fig-thyroid",
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
# A physician can judge such a row where a ROC AUC says nothing: are these six numbers those of a healthy patient? Where two detectors draw different rows, the columns in which they differ say what
# each looks at.
