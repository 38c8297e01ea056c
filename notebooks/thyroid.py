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
from anogen import experiments
from anogen.figures.applications import UNUSUAL, audited, lessons, panels, values
from anogen.figures.tables import markdown
from anogen.publishing import say, show
from anogen.records.at_hand import at_hand

wanted = experiments.wanted("thyroid", scale, data=data, generations=generations, seed=seed)
record = at_hand("thyroid", wanted).get("application")
if record is None:
    say("The record is still missing: `anogen records compute --chapter thyroid` computes it.")

# %% [markdown]
# ## What they draw
#
# Each detector's lowest scores, found by an evolutionary search within the range of the data, beside rows that it has not seen.

# %% tags=["remove-input"]
if record:
    show(
        panels(record),
        id="anogen-fig-thyroid",
        caption=f"Lines: four held-out normal rows, and what each detector holds to be most normal, from {record['drawn'].shape[1]} starts. Bands: half and nine tenths of held-out normal rows.",
        alt="Six panels with the values of rows over the columns: real ones, then those that each of five detectors draws, over grey bands of what is usual.",
        records=[record],
    )

# %% tags=["remove-input"]
if record and record["real"].shape[1] <= 30:
    say(markdown(*values(record)))
    say(
        "Values of normal rows, and of the row that each detector draws from its first start. Columns are numbered as in the file."
    )

# %% [markdown]
# ## What the audit says
#
# Six questions to each detector, and how near to real rows its own are.

# %% tags=["remove-input"]
if record:
    say(markdown(*audited(record)))
    say(
        "Distances are taken where each column goes from 0 to 1 over normal rows. The nearest real row and the distance between starts are relative to what is usual between real rows; "
        f"rare is what fewer than {UNUSUAL:.0%} of real rows have at that end of a column. Detectors have their library's defaults and are fitted to normal rows alone; the search stays within the range of the data. "
        f"{generations:,} generations. {{doc}}`audit` explains the questions of the audit."
    )

# %% [markdown]
# ## What a practitioner learns
#
# From the numbers above, in words:

# %% tags=["remove-input"]
if record:
    say("\n".join(f"- {sentence}" for sentence in lessons(record)))

# %% [markdown]
# A physician can judge such a row where a ROC AUC says nothing: are these six numbers those of a healthy patient? Where two detectors draw different rows, the columns in which they differ say what
# each looks at.
