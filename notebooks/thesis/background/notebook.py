# %% [markdown]
# # Background: anomalies, scores, ROC AUC

# %% [markdown] tags=["book-only"]
# ```{glance} background
# question: What is an anomaly, and how is a detector judged without looking at images?
# source: Points far from the normal regions are anomalies. Precision, recall, F1 and the ROC AUC measure how well a detector finds them; its example curve has an area of 0.95.
# here: The thesis's two pictures with coordinates of our own, and three common detectors on the first.
# finding: Whether a detector scores a far group as anomalous depends on the size of the group and on the training data: fitted to all points, nearest neighbours find a group of {glue}`small` but {glue}`group_found` of a group of {glue}`larger`.
# ```

# %% [markdown]
# This chapter follows chapter 2 of the thesis {cite:p}`ernst2025evaluating`, which follows the survey of {cite:t}`chandola2009anomaly`.

# %% tags=["parameters"]
scale = "laptop"
seed = 0
points = 20000

# %% tags=["remove-input"]
from companion.figures.tables import percent
from companion.notebook import figure, glue, load_records, table
from notebooks.thesis.background.experiments import DETECTORS, TRAININGS
from notebooks.thesis.background.figures import fig_2_1, fig_2_2

records = load_records("background", scale, seed=seed, points=points)
plane, roc = records["anomalies"], records["roc"]

# %% [markdown]
# ## Fig. 2.1: anomalies in two dimensions
#
# **The thesis:** two dense regions $N_1$ and $N_2$ hold almost all points. Single points $o_1$ and $o_2$ and a small group $O_3$ are far enough from both to be called anomalies.
#
# **Here:** the same arrangement with coordinates of our own ({numref}`thesis-fig-2.1`). Each anomaly is at least five standard deviations away from the centre of either region. Whether a detector agrees depends on the
# detector and on what it was fitted to.

# %%
lof = DETECTORS.index("LOF")
caption = f"Left: two normal regions, two isolated points and a group. Right: the score of the local outlier factor (LOF), fitted to all points; outside the white line it exceeds that of 99% of the normal points. The group has {plane.parameter('group')} points."
alt = "Two scatter plots of the same points. Left: a round cloud N1 at the upper left, a smaller one N2 at the lower right, single points o1 at the lower left and o2 at the top, a tight group O3 at the right. Right: the same points on a map of scores, dark and low around the two clouds, bright and high elsewhere; a closed white line around each cloud leaves o1, o2 and O3 outside."
figure(fig_2_1(plane), id="thesis-fig-2.1", caption=caption, alt=alt, records=[plane])

# %% [markdown]
# A group taken as a whole is a *collective anomaly*. A third kind cannot be seen in positions: a *contextual* anomaly is normal in itself and wrong where it occurs, like frost in July.
#
# We test the statement with three detectors at PyOD's defaults {cite:p}`zhao2019pyod`: the distance to the fifth neighbour (KNN), the local outlier factor, and an isolation forest {cite:p}`liu2008isolation`. Each should score every
# anomaly above 99% of the normal points. The picture leaves open how many points $O_3$ has and whether the anomalies are in the training data, so the table has all combinations.

# %% tags=["remove-input"]
anomalies = ("$o_1$", "$o_2$", "$O_3$")


def detected(shares):
    missed = [f"{name} ({share:.0%} found)" for name, share in zip(anomalies, shares, strict=True) if share < 1]
    return f"misses {', '.join(missed)}" if missed else "finds all"


rows = [
    [name, training, *(detected(shares) for shares in plane["above"][:, t, d])]
    for d, name in enumerate(DETECTORS)
    for t, training in enumerate(TRAININGS)
]
table(["detector", "fitted to", *(f"$O_3$ of {size}" for size in plane["groups"])], rows)
everything, regions = range(len(TRAININGS))
forest_finds = (plane["above"][:, regions, DETECTORS.index("IForest"), 0] == 1).sum()
glue(
    forest_finds=forest_finds, sizes=len(plane["groups"]), small=plane["groups"][0], larger=plane["groups"][1],
    group_found=percent(plane["above"][1, everything, DETECTORS.index("KNN"), 2]),
)  # fmt: skip

# %% [markdown]
# A member of a group that is in the training data has neighbours of its own kind. A detector that looks at fewer neighbours than the group has members then scores it as normal. This is why the thesis trains on normal images only.
#
# An isolation forest cuts one feature at a time. The point $o_1$ shares its first feature with $N_1$ and its second with $N_2$, so no single cut separates it if nothing was there at training time: fitted to the normal regions, the
# forest puts it above the limit in {glue}`forest_finds` of {glue}`sizes` cases. It scores the pixels of an image in the same way.
#
# ```{verdicts} thesis-c-01
# ```
#
# ## Scores, labels and F1
#
# An **anomaly score** is one number for each point; larger means more anomalous. A **label**, *normal* or *anomaly*, is made from a score with a threshold that somebody has to choose. This book works on scores: a search for the
# most normal image needs the ranking.
#
# **Precision** is the share of true anomalies among all points that were flagged:
#
# $$
# \mathrm{Precision} = \frac{\text{correctly identified anomalies}}{\text{correctly and falsely identified anomalies}}
# $$ (thesis-eq-2.1)
#
# **Recall** is the share of all anomalies that were flagged:
#
# $$
# \mathrm{Recall} = \frac{\text{correctly identified anomalies}}{\text{all actual anomalies}}
# $$ (thesis-eq-2.2)
#
# Flagging everything makes recall 1, and flagging only the clearest case makes precision likely 1. Their harmonic mean is close to the smaller of the two:
#
# $$
# F_1 = \frac{2 \cdot \mathrm{Precision} \cdot \mathrm{Recall}}{\mathrm{Precision} + \mathrm{Recall}}
# $$ (thesis-eq-2.3)
#
# :::{admonition} An erratum in the source
# :class: note
#
# The thesis's formula of recall is right, and we use it. The sentence below it calls recall the share of actual anomalies among the flagged points, which is precision, {eq}`thesis-eq-2.1` (`inc-thesis-01`).
# :::
#
# The table shows the good detector of {numref}`thesis-fig-2.2` on data of which one point in a hundred is anomalous, at four thresholds, and a detector that never raises an alarm.

# %% tags=["remove-input"]
alarms = [*(f"the {1 - quantile:.1%} highest scores" for quantile in roc["rare_thresholds"]), "nothing"]
rows = [
    [alarm, *(f"{value:.3f}" for value in row)]
    for alarm, row in zip(alarms, [*roc["rare_table"], roc["rare_never"]], strict=True)
]
table(["alarm for", "precision", "recall", "F1", "accuracy", "false positive rate"], rows)
glue(
    never=percent(roc["rare_never"][3]), best_f1=f"{roc['rare_table'][:, 2].max():.2f}", tables=roc.parameter("tables")
)

# %% [markdown]
# The detector that never raises an alarm is right in {glue}`never` of all cases: accuracy does not show that it is useless, precision, recall and F1 do. F1 is at most {glue}`best_f1` here. We also compared our F1 with the harmonic mean and
# with scikit-learn's on {glue}`tables` random tables of counts.
#
# ```{verdicts} thesis-c-03
# ```
#
# ## Fig. 2.2: the ROC curve
#
# **The thesis:** a perfect detector has an area of 1 under its curve, random guessing 0.5, and the example 0.95.
#
# **Here:** {glue}`perfect_auc`, {glue}`random_auc` and {glue}`good_auc` on {glue}`points` points ({numref}`thesis-fig-2.2`).
#
# The *receiver operating characteristic* shows all thresholds at once: the true positive rate, another name for the recall of {eq}`thesis-eq-2.2`, over the false positive rate:
#
# $$
# \mathrm{FPR} = \frac{\text{falsely identified anomalies}}{\text{all normal data}}
# $$ (thesis-eq-2.4)
#
# Both are shares *within* one class, so the rarity of anomalies does not matter. The area under the curve (AUC) is the probability that a random anomaly scores above a random normal point.

# %%
caption = f"ROC curves of a good detector, a perfect one and random guessing on {roc.parameter('points'):,} points, half of them anomalous. The good detector's scores are normal, with means $d' = {roc.parameter('d_prime')}$ apart."
alt = "True positive rate over false positive rate. A blue curve rises steeply from the origin and bends towards the upper left corner; a dashed green line runs through that corner; a grey line follows the diagonal."
figure(fig_2_2(roc), id="thesis-fig-2.2", caption=caption, alt=alt, records=[roc], width="65%")
at_tenth = float(roc["good_tpr"][(roc["good_fpr"] <= 0.1).nonzero()[0][-1]])
glue(
    **{f"{name}_auc": f"{float(roc[f'{name}_auc']):.3f}" for name in ("perfect", "random", "good")},
    points=f"{roc.parameter('points'):,}", at_tenth=percent(at_tenth),
)  # fmt: skip

# %% [markdown]
# The area of the good detector is known beforehand: for normal scores with variance 1 and means $d'$ apart it is $\Phi(d'/\sqrt{2})$. At one false alarm in ten normal points, it finds {glue}`at_tenth` of the anomalies.
#
# ```{verdicts} thesis-c-02
# ```

# %% [markdown] tags=["book-only"]
# ## Take away
#
# - What a detector scores as normal depends on its training data: a group of anomalies in them can count as normal.
# - The ROC AUC measures the ranking *of one test set*. It says nothing about images that no test set contains, and a detector may score any of them as perfectly normal.
# - Noise is deviation without meaning; whether a deviation is noise or an anomaly is for the application to say.
