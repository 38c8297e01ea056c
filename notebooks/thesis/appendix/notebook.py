# %% [markdown]
# # Appendix A: fixed pixels, six detectors

# %% [markdown] tags=["book-only"]
# ```{glance} appendix
# question: How do the images of six detectors change as more pixels of a real four are fixed?
# source: The appendix says how its images were made; Sec. 6.4 describes them. CBLOF and OCSVM give normal images from noise, COPOD and GMM only with guidance, HBOS and IForest not even then.
# here: The same searches on one training of each detector, with a measured quality at every share of fixed pixels.
# finding: Half of the images look normal from {glue}`normal_cblof` fixed pixels on for CBLOF, {glue}`normal_ocsvm` for OCSVM, {glue}`normal_copod` for COPOD and {glue}`normal_gmm` for GMM. With the most normal completion instead of the search's, GMM would nearly reach CBLOF.
# ```

# %% [markdown]
# The thesis {cite:p}`ernst2025evaluating` ends with pages of images, the evidence behind its three groups of detectors ({doc}`other-detectors`).

# %% tags=["parameters"]
scale = "laptop"
digit = 4
detectors = ["cblof", "copod", "gmm", "hbos", "iforest", "ocsvm"]
generations = 30000
seed = 0

# %% tags=["remove-input"]
from companion.notebook import figure, glue, load_records, table
from notebooks.thesis.appendix.figures import fig_quality_by_k, figs_a_1_to_a_8, normal_from, table_areas
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.other_detectors.figures import title

FIGURES = {"cblof": "A.1", "copod": "A.3", "gmm": "A.4", "hbos": "A.5", "iforest": "A.6", "ocsvm": "A.7"}
CONTINUED = {"cblof": "A.2", "ocsvm": "A.8"}  # the thesis gives these two a second page
record = load_records("appendix", scale, digit=digit, detectors=detectors, generations=generations, seed=seed)
shown = [d for d in dict.fromkeys(detectors) if {f"guided-{d}", f"guided-{d}-quality"} <= record.keys()]
drawn = {d: Drawn(record[f"guided-{d}-quality"], record[f"guided-{d}"].parameter("ks")) for d in shown}


def show(*names):
    """Show the figures of the detectors that the page has."""
    for name in names:
        if name not in shown:
            continue
        search, by = record[f"guided-{name}"], drawn[name]
        pages = [(FIGURES.get(name), by.ks, 1)]
        if name in CONTINUED:
            half = -(-len(by.ks) // 2)
            pages = [(FIGURES[name], by.ks[:half], min(4, search["scores"].size)), (CONTINUED[name], by.ks[half:], 0)]
        for number, levels, unguided in pages:
            if not levels:
                continue
            own = f"anogen-fig-appendix-{name}-{digit}{'-more' if number in CONTINUED.values() else ''}"
            free = f" The first {unguided} have no fixed pixel." if unguided > 1 else ""
            figure(
                figs_a_1_to_a_8(search, levels, unguided),
                id=f"thesis-fig-{number}" if number and digit == 4 else own,
                caption=f"{title(name)}, class {digit}, {search.parameter('generations'):,} generations: masks (white pixels are fixed) and images.{free} Above each: the percentage of held-out real images that score lower.",
                alt=f"Pairs of a black-and-white mask and a grey image, for {title(name)} and k from {0 if unguided else levels[0]:.0%} to {levels[-1]:.0%}; smallest k from which at least half of its images look normal: {normal_from(by)}.",
                records=[search],
            )


glue(**{f"normal_{d}": normal_from(drawn[d]) if d in drawn else "" for d in FIGURES})

# %% [markdown] tags=["book-only"]
# ## Figs. A.1 and A.2: CBLOF
#
# **The thesis:** a normal-looking four already without fixed pixels; the four images at $k = 0$ are independent and look alike.
#
# **Here:** the same; at least half of the images look normal from {glue}`normal_cblof` on.

# %% tags=["remove-input"]
show("cblof")

# %% [markdown] tags=["book-only"]
# ## Fig. A.3: COPOD
#
# **The thesis:** noise in the centre and black edges; the images improve with $k$.
#
# **Here:** at least half of the images look normal from {glue}`normal_copod` on.

# %% tags=["remove-input"]
show("copod")

# %% [markdown] tags=["book-only"]
# ## Fig. A.4: GMM
#
# **The thesis:** noise in the centre and black edges; the noisy region is larger than for COPOD.
#
# **Here:** at least half of the images look normal from {glue}`normal_gmm` on. How both regions compare is measured in {doc}`other-detectors`.

# %% tags=["remove-input"]
show("gmm")

# %% [markdown] tags=["book-only"]
# ## Figs. A.5 and A.6: HBOS and IForest
#
# **The thesis:** not normal-looking even for large $k$.
#
# **Here:** the smallest share from which at least half of the images look normal is {glue}`normal_hbos` for HBOS and {glue}`normal_iforest` for IForest.

# %% tags=["remove-input"]
show("hbos", "iforest")

# %% [markdown] tags=["book-only"]
# ## Figs. A.7 and A.8: OCSVM
#
# **The thesis:** a blurred, normal-looking four without fixed pixels; the four images at $k = 0$ look alike.
#
# **Here:** alike and blurred, too. By our measure at least half of the images look normal from {glue}`normal_ocsvm` on; the classifier does not accept the blurred ones.

# %% tags=["remove-input"]
show("ocsvm", *(d for d in shown if d not in FIGURES))

# %% [markdown]
# ```{verdicts} thesis-c-80 thesis-c-81
# ```
#
# ## Beyond the source
#
# Quality by the share of fixed pixels; 1 is a recognised digit as near to a training image as real ones are.

# %% tags=["remove-input"]
if shown:
    ends = ", ".join(f"{drawn[d].values('quality', drawn[d].ks[-1]).mean():.2f} ({title(d)})" for d in shown)
    figure(
        fig_quality_by_k({title(d): drawn[d].quality for d in shown}),
        id="anogen-fig-appendix-quality",
        caption=f"Mean quality of the images by the share of fixed pixels, class {digit}: over all starts at k = 0, over all pairs of real image and mask elsewhere.",
        alt=f"One line for each detector, quality from 0 to 1 against k. They end at {ends}",
        records=[drawn[d].quality for d in shown],
    )
    table(*table_areas({title(d): drawn[d] for d in shown}))

# %% [markdown]
# *Of the optima* is the area that a perfect search would reach, with the most normal completion of the same fixed pixels. Where it is much larger than the search's own, the images show the search and not the detector. The *error of free pixels*
# is relative to uniform noise, with nothing fixed and at the largest share.

# %% [markdown] tags=["book-only"]
# At the largest share only a few dozen pixels are free, most of them in the border, which is black in every image. Almost any detector looks good there, so the error of the free pixels is the fairer measure: it stays near 1 for HBOS and IForest.
# That quality grows with $k$ for every detector is not a statement of the thesis, so it is no longer tested.
#
# ## Take away
#
# - CBLOF and OCSVM lead to the same image from every start, so more starts give no more information.
# - With fixed pixels, the search and not the detector limits the images of COPOD, GMM and HBOS: their optima are far better.
# - Compare detectors at small shares of fixed pixels, or by the error of the free pixels.
