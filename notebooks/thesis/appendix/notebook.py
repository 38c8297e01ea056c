# %% [markdown]
# # Appendix A: fixed pixels, six detectors
#
# *Six detectors, every share of fixed pixels*
#
# The thesis {cite:p}`ernst2025evaluating` ends with pages of images: for six detectors that are no neural networks, what the search draws as more and more
# pixels are given. They are the evidence behind its three groups ({doc}`other-detectors`). Here they are in full, with a number above each image, so that
# quality can be plotted against k. The appendix itself only says how the images were made.

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "copod", "gmm", "hbos", "iforest", "ocsvm"]
generations = 30000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import figure, load_records, markdown, table
from notebooks.thesis.appendix.claims import rank_correlation
from notebooks.thesis.appendix.figures import fig_quality_by_k, figs_a_1_to_a_8, table_areas
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.other_detectors.figures import title

FIGURES = {"cblof": "A.1", "copod": "A.3", "gmm": "A.4", "hbos": "A.5", "iforest": "A.6", "ocsvm": "A.7"}
CONTINUED = {"cblof": "A.2", "ocsvm": "A.8"}  # the thesis gives these two a second page
record = load_records("appendix", scale, digit=digit, detectors=detectors, generations=generations, seed=seed)
shown = [d for d in dict.fromkeys(detectors) if {f"guided-{d}", f"guided-{d}-quality"} <= record.keys()]
drawn = {d: Drawn(record[f"guided-{d}-quality"], record[f"guided-{d}"].parameter("ks")) for d in shown}

# %% [markdown]
# ## The images

# %% tags=["remove-input"]
for name in shown:
    search, by = record[f"guided-{name}"], drawn[name]
    pages = [(FIGURES.get(name), by.ks, 1)]
    if name in CONTINUED:
        half = -(-len(by.ks) // 2)
        pages = [(FIGURES[name], by.ks[:half], min(4, search["scores"].size)), (CONTINUED[name], by.ks[half:], 0)]
    for number, levels, unguided in pages:
        if not levels:
            continue
        own = f"anogen-fig-appendix-{name}-{digit}{'-more' if number in CONTINUED.values() else ''}"
        free = f"The first {unguided} pairs have no fixed pixel: each is another start from noise. "
        figure(
            figs_a_1_to_a_8(search, levels, unguided),
            id=f"thesis-fig-{number}" if number and digit == 4 else own,
            caption=f"{title(name)}, class {digit}, {search.parameter('generations'):,} generations. In each pair the mask (white pixels are fixed, black ones are "
            f"searched) and the image that was found, with its anomaly score. {free if unguided > 1 else ''}Fixed pixels are those of one held-out real image.",
            alt=f"Pairs of a black-and-white mask and a grey image, for {title(name)} and k from {0 if unguided else levels[0]:.0%} to {levels[-1]:.0%}; with k the mask "
            f"fills with white and the image comes to resemble a handwritten {digit}.",
            records=[search],
        )
    ks = (0.0, *by.ks)
    normal = [k for k in ks if by.share(k) >= 0.5]
    looks = "At no k are half of the images normal looking."
    if normal:
        onwards = normal == [k for k in ks if k >= normal[0]]
        where = f"From k = {normal[0]:.0%} on" if onwards else "At " + ", ".join(f"{k:.0%}" for k in normal)
        looks = f"{where} at least half of the images are normal looking."
    good = [k for k in ks if all(by.values("quality", above).mean() >= 0.5 for above in ks if above >= k)]
    reached = f"Quality is above one half from k = {good[0]:.0%} on. " if good else "Quality ends below one half. "
    markdown(f"""**{title(name)}.** {looks} {reached}On the free pixels the error is {by.free(0):.2f} of that of uniform noise with nothing fixed and
        {by.free(ks[-1]):.2f} at k = {ks[-1]:.0%}; over all pairs, the rank correlation of quality with k is {rank_correlation(by):.2f}.""")

# %% [markdown] tags=["book-only"]
# For CBLOF and OCSVM the four images without fixed pixels are four independent searches, as the captions of the thesis point out. That they look alike is what it
# says of CBLOF where it compares the detectors.
# A new start is not a new opinion where every start rolls into the same valley.

# %% [markdown]
# ```{verdicts} thesis-c-80
# ```
#
# ## Quality by the share of fixed pixels

# %% tags=["remove-input"]
if shown:
    figure(
        fig_quality_by_k({title(d): drawn[d].quality for d in shown}),
        id="anogen-fig-appendix-quality",
        caption=f"Mean quality of the images by the share of fixed pixels, class {digit}: over all starts at k = 0, over all pairs of real image and mask elsewhere.",
        alt=f"One line for each detector, quality from 0 to 1 against k from 0 to {ks[-1]:.0%}.",
        records=[drawn[d].quality for d in shown],
    )
    pairs = {title(d): record[f"guided-{d}"].parameter("pairs") for d in shown}
    table(*table_areas({title(d): drawn[d] for d in shown}, pairs))

# %% [markdown]
# *Of the optima* is the area that a perfect search would reach: the most normal completion beside the same fixed pixels. Where it is much larger than the
# search's own, the images above show the search and not the detector.

# %% [markdown] tags=["book-only"]
# The first version of this page judged the statement that quality grows with k for every detector, which is not in the thesis. It is no longer tested.
# The curves are ours, and need a word of caution. At k = 95% only a few dozen pixels are free, and most of them lie in the border, which is black in every image. Almost any detector
# must look good there. The error on the free pixels alone is the fairer measure, and for a detector that knows nothing it would stay at 1.

# %% [markdown]
# ```{verdicts} thesis-c-81
# ```
