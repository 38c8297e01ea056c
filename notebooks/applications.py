# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Tables and heartbeats
#
# Detectors are mostly used on tables, not on pictures of digits. Here `anogen audit` looks at detectors of a bank's calls to customers (*campaign*), of measurements of the
# thyroid, of foetal heart rates (*cardio*; all three as ADBench has them {cite:p}`han2022adbench`), and of single heartbeats, and each detector draws what it believes is the most
# normal row. Columns are numbered as in the files.

# %% tags=["parameters"]
scale = "laptop"
sets = ["adbench/campaign", "adbench/thyroid", "adbench/cardio", "heartbeats"]
generations = 1000
seed = 0

# %% tags=["remove-input"]
import numpy as np

from anogen import experiments
from anogen.auditing import FINDINGS
from anogen.detectors import CATALOGUE
from anogen.figures.audit import profiles
from anogen.figures.tables import markdown
from anogen.publishing import say, show
from anogen.records.at_hand import at_hand

wanted = experiments.wanted("applications", scale, sets=sets, generations=generations, seed=seed)
there = at_hand("applications", wanted)
for name in sets:
    title = name.partition("/")[2] or name
    say(f"**{title.capitalize()}**")
    if name not in there:
        say(f"The record of {title} is still missing: `anogen records compute --chapter applications` computes it.")
        continue
    record = there[name]
    names = record.parameter("detectors")
    rows = []
    for i, detector in enumerate(names):
        found = [fault.replace("_", " ") for fault, has in zip(FINDINGS, record["findings"][i], strict=True) if has]
        gap = record["gap"][i]
        rows.append(
            [
                CATALOGUE[detector].title, ", ".join(found) or "sound", f"{record['roc_auc'][i]:.3f}",
                f"{record['score_rank'][i].mean():.0%}", f"{np.median(record['nn_ratio'][i]):.2f}",
                f"{record['div_ratio'][i]:.2f}", "–" if np.isnan(gap).any() else f"{gap.max():.2g}",
            ]
        )  # fmt: skip
    say(
        markdown(
            "detector | audit | ROC AUC | real rows that score as low | nearest real row | distance between starts | distance to the optimum",
            rows,
        )
    )
    chosen = names.index("gmm")
    arrays = {key: record[key].astype(float) for key in ("real", "low", "high")} | {
        "drawn": record["drawn"][chosen].astype(float)
    }
    show(
        profiles(arrays, ordered=name == "heartbeats"),
        id=f"anogen-fig-application-{title}",
        caption=f"What {CATALOGUE['gmm'].title} draws (lines) and held-out normal rows (bands), {title}.",
        alt="Grey bands of the values of real rows over the columns, and the four drawn rows as lines.",
        records=[record],
    )
    single = [CATALOGUE[d].title for i, d in enumerate(names) if record["div_ratio"][i] < 0.1]
    typical = [CATALOGUE[d].title for i, d in enumerate(names) if np.median(record["nn_ratio"][i]) <= 1]
    lost = [CATALOGUE[d].title for i, d in enumerate(names) if record["score_rank"][i].mean() > 0.5]
    say(
        f"**What a practitioner learns.** One most normal row, whatever the start: {', '.join(single) or 'no detector'}. There a low score means nearness to that row, and says nothing of "
        f"kinds of normal rows. As near to a real row as real rows are to each other: the rows of {', '.join(typical) or 'no detector'}. "
        + (
            f"The search did not arrive for {', '.join(lost)}: most real rows score as low as what it drew, so the picture shows the search and not the detector."
            if lost
            else "Every search came below most real rows."
        )
    )

# %% [markdown]
# Distances are taken where each column goes from 0 to 1 over the normal rows; the nearest real row and the distance between starts are relative to what is usual between real rows.
# Detectors have their library's defaults, are fitted to normal rows alone, and draw within the range of the data. {doc}`audit` explains the questions of the audit.
