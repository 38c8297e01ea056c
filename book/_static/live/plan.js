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
    const half = config.initial_distribution === "half-normal", stated = half ? detector.populations.seeds.length : 0;
    const rows = known[0]?.settings.rows ? { rows: known.map((one) => one.settings.rows[0]) } : {};
    const starts = half ? { starts: seeds.map((_, i) => i % stated) } : {};
    const marks = [], minimum = k === "0" ? detector.optimum : null;
    if (detector.median !== null) marks.push({ name: "median real image", score: detector.median, dash: "5 4" });
    if (minimum) marks.push({ name: "known minimum", score: minimum.score, dash: "1 3" });
    return {
      last, marks, minimum, unit: config.method === "gradient" ? "Step" : "Generation", settings: { ...config, ...steps, ...fixed, ...starts, ...rows, seeds },
      python: python(detector, offer, digit, { ...steps, ...config }, seeds, { ...fixed, pair, ...rows }, stated),
      link: (figure) => link(figure, offer, chosen, defaults, fixed.mask),
      relate: (score) => [`Lowest score ${short(score)}`, ...marks.map((mark) => `${mark.name} ${short(mark.score)}`)].join(" · "),
      source: `Detector of the record ${record?.record ?? offer.records[0]}, trained on ${digit}. ` +
        (known.length ? "The runs are those of the record." : "The settings are your own.") + precision(detector),
      compare: (result, exact) => compare(record, known, result, exact),
    };
  }

  // How well the scores of a record's real images agree with Python's, if the detector's are equal up to rounding only.
  function precision({ exact, deviation }) {
    if (exact || deviation === null) return "";
    return ` Its scores of the record's real images differ from Python's by at most ${short(deviation)} of their size.`;
  }

  // The command that computes the same in Python. `stated` is the number of a record's first populations, if they are taken.
  function python(detector, offer, digit, { initial_distribution, ...config }, seeds, { k, pair, mask, rows }, stated) {
    const literal = (v) => ({ null: "None", true: "True", false: "False" })[v] ?? JSON.stringify(v).replaceAll(",", ", ");
    const known = ([, value]) => value !== undefined, network = offer.experiment.digit !== undefined;
    const keywords = (given) => Object.entries(given).filter(known).map(([name, value]) => `${name}=${literal(value)}`).join(", ");
    const normal = Number.isNaN(Number(digit)) ? digit : Number(digit);
    const { detector: name, ...other } = offer.experiment, half = stated > 0;
    const trained = keywords({ detector: detector.spec ?? name, ...other, [network ? "digit" : "normal"]: normal });
    const experiment = network
      ? ["from companion.records import store", "from notebooks.thesis.autoencoder.experiments import Evolution", "",
        `experiment = Evolution(${trained})`,
        'scorer = experiment.trained_scorer({"training": store.load(experiment.requires()["training"]).arrays})']
      : [`from notebooks.thesis.common.guided import Guided${half ? ", HalfNormal" : ""}`, "",
        `experiment = Guided(${trained})`, `scorer = experiment.scorer(${detector.training ?? ""})`];
    const fixed = mask
      ? [`mask = np.unpackbits(np.frombuffer(base64.urlsafe_b64decode("${anogenLive.packed(mask)}=="), np.uint8), bitorder="little")`,
        `fixed = {"mask": mask[:scorer.n_features_in_].astype(bool), "reference": experiment.pair(${pair})[0]}`]
      : k ? [`fixed = experiment.fixed(${k}, ${pair})`] : [];
    const noise = rows && `noise((${literal(rows)}[i] + 1, scorer.n_features_in_), torch.Generator().manual_seed(seed))[-1:]`;
    const first = rows ? `, start=${noise}` : half ? `, initial_population=first.start(i % ${stated})` : "";
    const more = `${keywords(half ? config : { ...config, initial_distribution })}${first}${fixed.length ? ", **fixed" : ""}`;
    return ["PYTHONPATH=.:book python - <<'END'", ...(mask ? ["import base64", "import numpy as np"] : []),
      ...(rows ? ["import torch"] : []), "import anogen", ...(rows ? ["from anogen.generators import noise"] : []),
      ...experiment, ...(half ? [`first = HalfNormal(${trained})`] : []), ...fixed,
      `for i, seed in enumerate(${literal(seeds)}):`,
      `    result = anogen.generate(scorer, random_state=seed, ${more})`,
      '    result.save(f"live-{i}.npz")', "    print(seed, result.scores[0])", "END"].join("\n");
  }

  // The address of a run: the values that differ from the record's.
  function link(figure, offer, chosen, defaults, mask) {
    const { offer: _, ...values } = chosen, published = { ...defaults, digit: offer.digit };
    const kept = Object.entries(values).filter(([name, value]) => value !== published[name]);
    const drawn = mask ? { mask: anogenLive.packed(mask) } : {};
    return new URLSearchParams({ live: figure, detector: offer.name, ...Object.fromEntries(kept), ...drawn });
  }

  // Say whether a result is that of the record.
  function compare(record, known, { scores, digest, digest16, digest8 }, exact) {
    const hash = `SHA-256 of the ${digest.length === 1 ? "image" : "images"}: ${digest.map((one) => one.slice(0, 16)).join(", ")}.`;
    const inPython = exact ? "Python computes the same bits." : "Python's scores may differ in their last digits.";
    if (!known.length) return `Your own run. ${inPython} ${hash}`;
    const same = known.filter((one, i) => one.score === scores[i] && (one.digest16 === digest16[i] || one.digest8 === digest8[i])).length;
    const off = Math.max(...known.map(({ score }, i) => Math.abs(score - scores[i]))), of = `the record ${record.record}`;
    return same === known.length
      ? `Identical to ${of}, bit for bit: images and scores of ${known.length} ${known.length === 1 ? "run" : "runs"}. ${hash}`
      : `${same} of ${known.length} runs are identical to ${of}; the scores differ by up to ${short(off)}. ${hash}`;
  }

  Object.assign(anogenLive, { Search, plan });
})();
