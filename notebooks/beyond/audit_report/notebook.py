# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # What a detector believes is normal

# %% tags=["parameters"]
audit = ""

# %% tags=["remove-input"]
from anogen import auditing, datasets
from anogen.auditing import FINDINGS, MEANS, Audit
from companion.notebook import figure, markdown, table
from companion.site.report import Kept, path_of
from notebooks.beyond.audit.figures import images, measured, profiles, ranks

if audit:
    found = Audit.load(path_of(audit))
    kept = [Kept(audit, found)]
else:  # an example
    data = datasets.load("mnist-5k").one_class(4)
    from pyod.models.hbos import HBOS

    found, kept = auditing.audit(HBOS, data.X_train, generations=200, name="pyod.models.hbos:HBOS"), []

size, detector = found.data, found.detector
faults = [name for name in FINDINGS if found.findings[name]]
looks = f"images of {' x '.join(map(str, size['image']))}" if size["image"] else f"rows of {size['columns']:,} columns"
given = {
    "class": f"a class, fitted to {size['learnt_from']:,} of them",
    "factory": "a function that returned a fitted detector",
    "fitted": "a fitted detector",
}[detector["kind"]]
verdict = (
    f"**{len(faults)} of {len(FINDINGS)} faults found.**" if faults else "**Sound: none of the six faults was found.**"
)
markdown(
    f"`{detector['name']}`, given as {given}, was audited on {size['rows']:,} normal {looks}, {size['constant_columns']:,} of whose columns never "
    f"change. {verdict} It was asked for scores {found.calls} times."
)
table(
    ("question", "finding", "why"),
    [[name.replace("_", " "), "**found**" if found.findings[name] else "no", found.why[name]] for name in FINDINGS],
)
for name in faults:
    markdown(f"**{name.replace('_', ' ').capitalize()}.** {MEANS[name]}")
if found.measures["roc_auc"] is not None:
    markdown(f"Rows with other labels score above normal ones in {found.measures['roc_auc']:.1%} of pairs (ROC AUC).")

# %% [markdown]
# ## Where noise ranks
#
# *Shuffled* rows take each feature from another real row: every value is real, and only what goes with what is lost. *Uniform noise* has every
# value between the least and the largest in the data. Where a kind lies to the right, the detector tells it from real rows.

# %% tags=["remove-input"]
figure(
    ranks(found.arrays, found.drawn),
    id="audit-ranks",
    caption="Share of real rows that score as low, for each row of each kind. Real rows, which lie evenly by construction, for comparison.",
    alt="Rows of dots from 0 to 1: real rows spread evenly, shuffled rows, uniform noise and, if there are any, the rows drawn.",
    records=kept,
)
markdown(
    f"Uniform noise scores above real rows in {found.measures['noise_above_real']:.0%} of pairs, shuffled rows in "
    f"{found.measures['shuffled_above_real']:.0%}. "
    + (
        "Much nearer to 50% for shuffled rows means that the detector looks at features one at a time."
        if found.measures["shuffled_above_real"] < 0.75
        else "So it knows how features go together."
    )
)

# %% tags=["remove-input"]
if found.drawn:
    markdown(
        "## What it draws\n\nAn evolutionary search from random starts, within the range of the data, looks for the rows of the lowest score "
        f"({found.drawn['generations']:,} generations)."
    )
    picture = images(found.arrays, tuple(size["image"]), found.drawn) if size["image"] else profiles(found.arrays)
    figure(
        picture,
        id="audit-drawn",
        caption="Real rows, what the search drew, and the most normal points where they are known."
        + (" Above each its score." if size["image"] else ""),
        alt="Rows of small images: real ones, drawn ones and, where known, the most normal ones."
        if size["image"]
        else "Lines over the columns: bands for real rows, lines for drawn ones and, where known, the most normal ones.",
        records=kept,
    )
    markdown(measured(found.drawn))
