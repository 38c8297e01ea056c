# %% [markdown]
# # Background: anomalies, scores, ROC AUC
#
# *Anomalies and how detectors are judged*
#
# This book asks anomaly detectors to draw what they believe is normal. Before we can read such a drawing we need two
# things: what an anomaly is, and how one tells a good detector from a bad one without looking at drawings at all. Both
# come from chapter 2 of the thesis {cite:p}`ernst2025evaluating`, which follows the survey of
# {cite:t}`chandola2009anomaly`.

# %% tags=["parameters"]
scale = "laptop"
seed = 0
points = 20000

# %% tags=["remove-input"]
from companion.notebook import figure, load_records, markdown, table
from notebooks.thesis.background.experiments import DETECTORS, TRAININGS
from notebooks.thesis.background.figures import fig_2_1, fig_2_2

records = load_records("background", scale, seed=seed, points=points)
plane, roc = records["anomalies"], records["roc"]

# %% [markdown]
# ## What an anomaly is
#
# An anomaly is a data point that is far from what the bulk of the data does. That sentence hides a decision: far in
# which sense, and from which bulk? {numref}`thesis-fig-2.1` shows the case everybody agrees on. Two dense regions
# $N_1$ and $N_2$ hold almost all points. The points $o_1$ and $o_2$ lie alone. The few points of $O_3$ lie together,
# but far from both regions; taken as a set they are a *collective anomaly*.
#
# There is a third kind that a picture of positions cannot show. A *contextual* anomaly is normal in itself and wrong
# where it occurs, like frost in July.
#
# The thesis gives no coordinates for its picture, so these are ours. Each anomaly is at least five standard deviations
# away from the centre of either region.

# %%
lof = DETECTORS.index("LOF")
caption = f"Two normal regions, two isolated points and a small group, and how a detector sees them. Left: the points. Right: the score of the local outlier factor at every place, on a logarithmic scale; outside the white line a place scores above {plane['limit'][lof]:.2f}, which only 1% of the normal points do. It was fitted to all points, {plane.parameter('group')} of which are the group."
alt = "Two scatter plots of the same points. Left: a round cloud N1 at the upper left, a smaller one N2 at the lower right, single points o1 at the lower left and o2 at the top, a tight group O3 at the right. Right: the same points on a map of scores, dark and low around the two clouds, bright and high elsewhere; a closed white line around each cloud leaves o1, o2 and O3 outside."
figure(fig_2_1(plane), id="thesis-fig-2.1", caption=caption, alt=alt, records=[plane])

# %% [markdown]
# ### Does a detector agree?
#
# The thesis says that points far enough from the two regions could be called anomalies. We made that testable: three common
# detectors (the distance to the fifth neighbour, the local outlier factor, and an isolation forest
# {cite:p}`liu2008isolation`, all with PyOD's defaults {cite:p}`zhao2019pyod`) must score every anomaly above 99% of
# the normal points.
#
# Two things that decide the answer are left open by the picture: how many points $O_3$ has, and whether the detector
# has seen the anomalies when it was fitted. We therefore tried all combinations. A point of the group that was part of the
# training data has neighbours of its own kind, and a detector that looks at fewer neighbours than the group has members
# finds nothing strange.

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
complete = (plane["above"] == 1).all(axis=-1)  # (sizes, trainings, detectors)


def reading(training):
    phrases = []
    for name, finds in zip(DETECTORS, complete[:, training].T, strict=True):
        sizes = " or ".join(map(str, plane["groups"][finds]))
        when = "whatever the size of $O_3$" if finds.all() else f"only if $O_3$ has {sizes} points"
        phrases.append(f"{name} finds every anomaly {when}" if sizes else f"{name} always misses something")
    return "; ".join(phrases)


forest_finds = (plane["above"][:, regions, DETECTORS.index("IForest"), 0] == 1).sum()
markdown(f"Fitted to all points, {reading(everything)}. Fitted to the normal regions alone, {reading(regions)}.")
markdown(f"""In the last row of the table, the isolation forest puts $o_1$ above the limit in {forest_finds} of
    {len(plane["groups"])} cases.""")

# %% [markdown]
# Two lessons are worth keeping for the later chapters. A detector's idea of normal depends on what it was trained on,
# which is why the thesis trains on normal images only. And an isolation forest cuts one feature at a time. The point
# $o_1$ shares its first feature with $N_1$ and its second with $N_2$, so each single cut finds it ordinary if nothing
# was there at training time. A forest will later be asked to draw an image, and it will judge pixels in the same way.

# %% [markdown] tags=["book-only"]
# So the picture alone does not settle the statement; the settings that it leaves open do.

# %% [markdown]
# ```{verdicts} thesis-c-01
# ```
#
# ## Scores and labels
#
# A detector answers in one of two ways. An **anomaly score** is a number per point: larger means more anomalous. Scores
# rank the points and keep all that the detector knows, but they do not say where normal ends, and their size means
# nothing by itself. A **label** says *normal* or *anomaly*. It is what a person who must act needs, and it is made from
# a score with a threshold, which somebody has to choose.
#
# Everything in this book works on scores. A generator that looks for the most normal image needs the ranking, and a
# label would tell it nothing until it had already arrived.
#
# ## Precision, recall and F1
#
# Labels can be counted. Of the points that a detector flags, some are truly anomalous. **Precision** is their share
# among all that were flagged, so it suffers from false alarms:
#
# $$
# \mathrm{Precision} = \frac{\text{correctly identified anomalies}}{\text{correctly and falsely identified anomalies}}
# $$ (thesis-eq-2.1)
#
# **Recall** is their share among all anomalies that there are, so it suffers from misses:
#
# $$
# \mathrm{Recall} = \frac{\text{correctly identified anomalies}}{\text{all actual anomalies}}
# $$ (thesis-eq-2.2)
#
# Either can be had for nothing: flag everything and recall is 1; flag only the single clearest case and precision is
# likely 1. Their harmonic mean cannot, because it is close to the smaller of the two:
#
# $$
# F_1 = \frac{2 \cdot \mathrm{Precision} \cdot \mathrm{Recall}}{\mathrm{Precision} + \mathrm{Recall}}
# $$ (thesis-eq-2.3)
#
# :::{admonition} An erratum in the source
# :class: note
#
# The sentence after the second formula says something else than the formula (`inc-thesis-01` in our list).
#
# | | in words | as a formula |
# |---|---|---|
# | the thesis's sentence | the share of actual anomalies among the points that were flagged | correct alarms / all alarms: this is precision, {eq}`thesis-eq-2.1` |
# | the thesis's formula | the share of the actual anomalies that were flagged | correct alarms / all anomalies: this is recall, {eq}`thesis-eq-2.2` |
#
# The formula is right, and we use it. The table below shows that the difference is not small.
# :::
#
# Why not simply count how often a label is right? Because anomalies are rare. Here is the good detector of
# {numref}`thesis-fig-2.2` on data of which one point in a hundred is anomalous, with the threshold at four heights, and
# beside it a detector that never raises an alarm.

# %% tags=["remove-input"]
alarms = [*(f"the {1 - quantile:.1%} highest scores" for quantile in roc["rare_thresholds"]), "nothing"]
rows = [
    [alarm, *(f"{value:.3f}" for value in row)]
    for alarm, row in zip(alarms, [*roc["rare_table"], roc["rare_never"]], strict=True)
]
table(["alarm for", "precision", "recall", "F1", "accuracy", "false positive rate"], rows)
first, last = roc["rare_table"][0], roc["rare_table"][-1]
best = roc["rare_table"][:, 2].argmax()
markdown(f"""The detector that never alarms is right in {roc["rare_never"][3]:.0%} of all cases and useless, and accuracy does not say so; precision, recall and F1, which are
    {roc["rare_never"][2]:.0f}, do. Among the thresholds, F1 is best at {roc["rare_table"][best, 2]:.2f},
    where precision is {roc["rare_table"][best, 0]:.2f} and recall {roc["rare_table"][best, 1]:.2f}.
    With the lowest threshold recall is {first[1]:.2f} but precision {first[0]:.3f}, with the highest
    precision is {last[0]:.2f} but recall {last[1]:.2f}: whoever confuses the two, as the sentence above does, reports
    the opposite of what happened.""")
markdown(f"""On {roc.parameter("tables")} random tables of counts our F1 differs from the harmonic mean by at most
    {float(roc["f1_to_harmonic_mean"]):.1g}, and from scikit-learn's by at most {float(roc["f1_to_library"]):.1g}.""")

# %% [markdown]
# ```{verdicts} thesis-c-03
# ```
#
# ## The ROC curve
#
# All these numbers depend on a threshold that we had to choose. The *receiver operating characteristic* removes the
# choice by showing all thresholds at once. For each it plots the true positive rate, which is another name for the
# recall of {eq}`thesis-eq-2.2`, over the false positive rate:
#
# $$
# \mathrm{FPR} = \frac{\text{falsely identified anomalies}}{\text{all normal data}}
# $$ (thesis-eq-2.4)
#
# Both rates are shares *within* one of the two classes. How rare anomalies are therefore does not matter, unlike for
# precision. The area under the curve (AUC) is the probability that a random anomaly scores above a random normal
# point. It judges a ranking, and so it needs no threshold.
#
# To draw a detector whose area we know beforehand we let the scores be normally distributed, with variance 1 for both
# classes and means that are $d'$ apart. Then the area is $\Phi(d'/\sqrt{2})$, and we choose $d'$ so that it is the
# thesis's 0.95.

# %%
caption = f"ROC curves of a good detector, a perfect one and random guessing. The areas under them are {float(roc['good_auc']):.3f}, {float(roc['perfect_auc']):.3f} and {float(roc['random_auc']):.3f}, measured on {roc.parameter('points'):,} points, half of them anomalous; the good detector has $d' = {roc.parameter('d_prime')}$."
alt = "True positive rate over false positive rate. A blue curve rises steeply from the origin and bends towards the upper left corner; a dashed green line runs through that corner; a grey line follows the diagonal."
figure(fig_2_2(roc), id="thesis-fig-2.2", caption=caption, alt=alt, records=[roc], width="65%")

# %% tags=["remove-input"]
at_tenth = float(roc["good_tpr"][(roc["good_fpr"] <= 0.1).nonzero()[0][-1]])
markdown(f"""The good detector's area comes out as {float(roc["good_auc"]):.4f}, that of guessing as
    {float(roc["random_auc"]):.4f}, and that of a detector which puts every anomaly above every normal point is exactly
    {float(roc["perfect_auc"]):.0f}. To read the curve, go to the false positive rate 0.1: the good detector then finds
    {at_tenth:.0%} of all anomalies at the price of one false alarm in ten normal points.""")

# %% [markdown]
# ```{verdicts} thesis-c-02
# ```
#
# ## Where this leaves us
#
# An AUC says how well a detector ranks the anomalies *of one test set*. It says nothing about images that no test
# set contains. Between the test images lies nearly all of image space, and a detector may hold anything there to be
# perfectly normal. The next chapter sets up the experiment that looks there.
#
# The thesis also reminds us that not everything unusual matters: noise is deviation without meaning, and whether a deviation
# is noise or an anomaly is for the application to say. We will meet this again, because images that a detector calls
# normal will often *be* noise.
