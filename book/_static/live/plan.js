// From the controls of the player to the settings of the engine, and back from its result to the book's record.
(() => {
  const { short } = anogenLive;

  // A search in a worker. Each message is answered by one, in order; after `close` by nothing.
  class Search {
    #worker = anogenLive.worker();
    #waiting = [];

    constructor(detector) {
      this.#worker.onmessage = ({ data }) => {
        const { resolve, reject } = this.#waiting.shift();
        data.type === "error" ? reject(new Error(data.message)) : resolve(data);
      };
      this.#worker.onerror = ({ message }) => this.#waiting.splice(0).forEach(({ reject }) => reject(new Error(message)));
      this.loaded = this.ask({ type: "load", detector });
    }
    ask(message) {
      return new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#worker.postMessage(message);
      });
    }
    close() {
      this.#worker.terminate();
      this.#waiting.splice(0).forEach(({ resolve }) => resolve(null));
    }
  }

  // Return the runs of a record that the controls describe: those from noise, or that with the fixed pixels of a pair.
  function published(record, chosen, defaults) {
    const free = ["offer", "digit", "runs", "k", "pair"], { k: share = "0", pair: image = "0", runs } = chosen;
    const same = Object.entries(chosen).every(([name, value]) => free.includes(name) || value === defaults[name]);
    const fits = ({ settings: { k = 0, pair = 0 } }) => k === Number(share) && (!k || pair === Number(image));
    return record && same ? record.runs.filter(fits).slice(0, runs) : [];
  }

  // Return the search that the controls describe: the engine's settings, and words about it.
  function plan(detector, offer, record, chosen, defaults, mask, reference) {
    const { offer: _, digit, runs, seed, k = "0", pair, n_generations: last, ...config } = chosen;
    const known = published(record, chosen, defaults), first = seed ?? 0;
    const seeds = Array.from({ length: runs }, (_, i) => known[i]?.settings.seeds[0] ?? first + i);
    const steps = config.method === "gradient" ? { n_iterations: last } : { n_generations: last };
    const fixed = k === "drawn" ? { mask, reference } : Number(k) ? { k: Number(k), pair: Number(pair) } : {};
    const marks = [], minimum = k === "0" ? detector.optimum : null;
    if (detector.median !== null) marks.push({ name: "median real image", score: detector.median, dash: "5 4" });
    if (minimum) marks.push({ name: "known minimum", score: minimum.score, dash: "1 3" });
    return {
      last, marks, minimum, settings: { ...config, ...steps, ...fixed, seeds },
      python: python(offer, digit, { ...steps, ...config }, seeds, { ...fixed, pair }),
      link: (figure) => link(figure, offer, chosen, defaults, fixed.mask),
      relate: (score) => [`Lowest score ${short(score)}`, ...marks.map((mark) => `${mark.name} ${short(mark.score)}`)].join(" · "),
      source: `Detector of the record ${offer.record}, trained on ${digit}. ` +
        (known.length ? "The runs are those of the record." : "The settings are your own."),
      compare: (result, exact) => compare(record, known, result, exact),
    };
  }

  // The command that computes the same in Python.
  function python(offer, digit, config, seeds, { k, pair, mask }) {
    const literal = (v) => ({ null: "None", true: "True", false: "False" })[v] ?? JSON.stringify(v).replaceAll(",", ", ");
    const keywords = (given) => Object.entries(given).map(([name, value]) => `${name}=${literal(value)}`).join(", ");
    const normal = Number.isNaN(Number(digit)) ? digit : Number(digit);
    const fixed = mask
      ? [`mask = np.unpackbits(np.frombuffer(base64.urlsafe_b64decode("${anogenLive.packed(mask)}=="), np.uint8), bitorder="little")`,
        `fixed = {"mask": mask[:scorer.n_features_in_].astype(bool), "reference": experiment.pair(${pair})[0]}`]
      : [`fixed = ${k ? `experiment.fixed(${k}, ${pair})` : "{}"}`];
    return ["PYTHONPATH=.:book python - <<'END'", ...(mask ? ["import base64", "import numpy as np"] : []), "import anogen",
      "from notebooks.thesis.common.guided import Guided", "",
      `experiment = Guided(${keywords({ ...offer.experiment, normal })})`, "scorer = experiment.scorer()", ...fixed,
      `for seed in ${literal(seeds)}:`, `    result = anogen.generate(scorer, random_state=seed, ${keywords(config)}, **fixed)`,
      '    result.save(f"live-{seed}.npz")', "    print(seed, result.scores[0])", "END"].join("\n");
  }

  // The address of a run: the values that differ from the record's.
  function link(figure, offer, chosen, defaults, mask) {
    const { offer: _, ...values } = chosen, published = { ...defaults, digit: offer.digit };
    const kept = Object.entries(values).filter(([name, value]) => value !== published[name]);
    const drawn = mask ? { mask: anogenLive.packed(mask) } : {};
    return new URLSearchParams({ live: figure, detector: offer.name, ...Object.fromEntries(kept), ...drawn });
  }

  // Say whether a result is that of the record.
  function compare(record, known, { scores, digest, digest16 }, exact) {
    const hash = `SHA-256 of the ${digest.length === 1 ? "image" : "images"}: ${digest.map((one) => one.slice(0, 16)).join(", ")}.`;
    const inPython = exact ? "Python computes the same bits." : "Python's scores may differ in their last digits.";
    if (!known.length) return `Your own run. ${inPython} ${hash}`;
    const same = known.filter(({ score, digest16: image }, i) => score === scores[i] && image === digest16[i]).length;
    const off = Math.max(...known.map(({ score }, i) => Math.abs(score - scores[i]))), of = `the record ${record.record}`;
    return same === known.length
      ? `Identical to ${of}, bit for bit: images and scores of ${known.length} ${known.length === 1 ? "run" : "runs"}. ${hash}`
      : `${same} of ${known.length} runs are identical to ${of}; the scores differ by up to ${short(off)}. ${hash}`;
  }

  Object.assign(anogenLive, { Search, plan });
})();
