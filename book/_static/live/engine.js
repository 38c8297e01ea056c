// anogen's searches in the page: the evolution of anogen/generators/evolution.py, bit for bit, and gradient descent.
//
// The files that companion/live/verify.py and loader.js list run in a worker, which is made from a Blob of their source
// because a page opened from a folder cannot load one (`anogenLive.worker()`), and in node: after all of them,
// `anogenLive.engine()` returns an engine with the same messages, and `engine.handle(message)` the answer.
//
// To the worker                                           From the worker
// {type: "load", detector}                                {type: "loaded", key, d, exact, differentiable, runs, references, deviation}
//   the object of `anogenLive.fetch` as it is; decoded here
// {type: "start", settings}                               {type: "state", ...} of generation 0
// {type: "advance", generations, milliseconds}            {type: "state", ...} when either is reached, or the end
// {type: "score", rows: Float32Array(n*d), gradient}      {type: "scores", scores, gradients or null}
// {type: "result"}                                        {type: "result", samples, scores, digest, digest16, digest8, published}
// any of them may be answered by                          {type: "error", message}
//
// settings: method "evolution" (default) or "gradient"; seeds, a list, or random_state and n_samples, as in Python;
//   evolution: n_generations and the fields of `EvolutionConfig` (population_size, mutation_rate, mutation_std,
//   selection, clip, initial_distribution, n_elites, mutation_half_life) with Python's defaults; initial_population
//   (P*d), or normal (n*d) and normal_seed: the first half of the first population is sampled from these rows, or
//   initial_distribution "half-normal" and starts, for each run the number of a first population of a record, which the
//   detector has as `populations`; plain, to
//   leave WebAssembly alone;
//   gradient: n_iterations and the fields of `GradientConfig` (learning_rate, rule, reduction, clip), start (n*d) or rows, for
//   each run the number of the image in the noise of its seed.
//   Both: mask, Uint8Array(d) with 1 for a fixed pixel, or k and mask_seed (`random_mask`); reference, Float32Array(d);
//   or k and pair: the image and the order of fixed pixels of a record. run: the settings of `runs[run]`, a published
//   run {record, name, settings, score, digest16 or digest8}; with no other setting the result is compared with the record.
// loaded: runs, the published runs; references (pairs*d), the images whose pixels they fix, or null; deviation, the largest
//   difference of their scores from Python's, relative to the latter.
// state: generation, done; scores (runs), the lowest of each population; best_scores (runs), the lowest so far; images
//   (runs*d), the fittest; history {first, scores: Float64Array(runs*count)}, the lowest scores of the generations
//   first, first + 1, ... since the last state; exact, whether Python computes the same bits with these settings;
//   undecided, comparisons that rounding may decide otherwise than in Python (0 as a rule); mask, Uint8Array(d) or null.
// result: samples Float32Array(runs*d), scores Float64Array(runs); digest, digest16 and digest8, SHA-256 of each run's
//   sample as little-endian float32, and as float16 and bytes, one of which a record keeps; published, after the last generation of a
//   published run, {...run, same_image, difference}, the difference of the score from the record's; else null.
globalThis.anogenLive.parts.push((scope) => {
  const { require, Run, Descent, firstPopulation, fixedPixels } = scope.anogenSearch;
  const { hash, float16, bytes, decode } = scope.anogenCoding, { Twister } = scope.anogenRandom;

  const EVOLUTION = {
    n_generations: 2500, population_size: 150, mutation_rate: 0.5, mutation_std: 0.01, selection: "linear", clip: true,
    initial_distribution: "uniform", n_elites: 0, mutation_half_life: null, plain: false,
  };
  const GRADIENT = { n_iterations: 500, learning_rate: 0.01, rule: "adam", reduction: "sum", clip: true };

  // The searches of one detector; `handle` takes a message and returns the answer.
  class Engine {
    load({ detector }) {
      const every = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
      this.detector = { ...detector, arrays: every(detector.arrays) };
      const pairs = detector.pairs && every(detector.pairs);
      this.pairs = pairs && { ...pairs, references: Float32Array.from(pairs.references, (index) => pairs.levels[index]) };
      this.populations = detector.populations && every(detector.populations);
      this.scorer = scope.anogenScorers.make(this.detector);
      const { key, d, exact } = this.detector, references = this.pairs?.references ?? null;
      const runs = this.published = (detector.records ?? []).flatMap(({ record, settings, runs: ends }) =>
        ends.map((end) => ({ ...end, record, settings: { ...settings, ...end.settings } })));
      const deviation = this.deviation(references);
      return { type: "loaded", key, d, exact, differentiable: Boolean(this.scorer.gradient), runs, references, deviation };
    }

    // The largest relative difference of the scores of a record's real images from those in the record.
    deviation(references) {
      const stated = this.pairs?.scores;
      if (!stated) return null;
      const { scores } = this.score({ rows: references });
      return scores.reduce((most, score, i) => Math.max(most, Math.abs(score - stated[i]) / Math.abs(stated[i])), 0);
    }

    start({ settings: given }) {
      const run = this.published[given.run], settings = { ...run?.settings, ...given };
      this.record = run && Object.keys(given).length === 1 ? run : null;
      const { d } = this.scorer, gradient = settings.method === "gradient";
      const known = gradient ? GRADIENT : EVOLUTION, config = {};
      for (const name of Object.keys(known)) config[name] = settings[name] ?? known[name];
      const { random_state: first = 0, n_samples: count = 1 } = settings;
      const seeds = settings.seeds ?? Array.from({ length: count }, (_, i) => BigInt(first) + BigInt(i));
      this.mask = fixedPixels(settings, d, this.pairs);
      this.reference = this.mask && (settings.reference ?? this.pairs?.references.subarray(settings.pair * d, (settings.pair + 1) * d));
      require(!this.mask || this.reference, "fixed pixels need a reference image");
      this.free = Int32Array.from({ length: d }, (_, i) => i).filter((i) => !this.mask?.[i]);
      require(this.free.length, "no pixel is free");
      const scorer = this.mask ? scope.anogenScorers.condition(this.scorer, this.free, this.reference) : this.scorer;
      const freeOf = (rows) => {
        if (!this.mask) return rows;
        const { free } = this, out = new Float32Array((rows.length / d) * free.length);
        for (let r = 0; r * d < rows.length; r += 1) free.forEach((from, to) => { out[r * free.length + to] = rows[r * d + from]; });
        return out;
      };
      if (gradient) {
        require(scorer.gradient, `${this.detector.key} has no gradient: use evolution`);
        const image = (seed, i) => settings.start?.slice(i * d, (i + 1) * d) ?? new Twister(seed).uniforms(((settings.rows?.[i] ?? 0) + 1) * d).subarray(-d);
        this.runs = seeds.map((seed, i) => new Descent(scorer, config, freeOf(image(seed, i)).slice()));
        this.end = config.n_iterations;
      } else {
        const first = (seed, i) => firstPopulation(settings, config, seed, d, this.populations, i);
        this.runs = seeds.map((seed, i) => new Run(scorer, config, seed, freeOf(first(seed, i))));
        this.end = config.n_generations;
      }
      this.history = this.runs.map(() => []);
      this.first = 1;
      return this.state();
    }

    advance({ generations = Infinity, milliseconds = Infinity }) {
      const stop = performance.now() + milliseconds, last = Math.min(this.end, this.runs[0].generation + generations);
      while (this.runs[0].generation < last) {
        this.runs.forEach((run, i) => this.history[i].push(run.step()));
        if (performance.now() >= stop) break;
      }
      return this.state();
    }

    // Whether Python computes the same bits with the same settings.
    exact() {
      const { detector, scorer, runs: [{ config }] } = this;
      const known = scorer.exactFor?.(config.population_size) ?? true;
      return Boolean(detector.exact && known && config.population_size && config.initial_distribution !== "normal");
    }

    // The fittest images of the runs with their fixed pixels, (runs*d).
    images() {
      const { d } = this.scorer, out = new Float32Array(this.runs.length * d);
      this.runs.forEach(({ image }, r) => {
        if (this.mask) out.set(this.reference, r * d);
        for (let i = 0; i < this.free.length; i += 1) out[r * d + this.free[i]] = image[i];
      });
      return out;
    }

    state() {
      const { generation } = this.runs[0], history = { first: this.first, scores: Float64Array.from(this.history.flat()) };
      this.first = generation + 1;
      this.history = this.runs.map(() => []);
      return {
        type: "state", generation, done: generation >= this.end, scores: Float64Array.from(this.runs, (run) => run.score),
        best_scores: Float64Array.from(this.runs, (run) => run.bestScore), images: this.images(), history,
        exact: this.exact(), undecided: this.runs[0].scorer.undecided ?? 0, mask: this.mask,
      };
    }

    score({ rows, gradient }) {
      const { d } = this.scorer, n = rows.length / d, scores = new Float64Array(n), one = new Float64Array(1);
      const gradients = gradient && this.scorer.gradient ? new Float32Array(n * d) : null;
      for (let r = 0; r < n; r += 1) { // separately: where the batch matters, a row is scored alone
        const row = rows.subarray(r * d, (r + 1) * d);
        this.scorer.score(row, 1, one);
        [scores[r]] = one;
        if (gradients) this.scorer.gradient(row, gradients.subarray(r * d, (r + 1) * d));
      }
      return { type: "scores", scores, gradients };
    }

    result() {
      const { d } = this.scorer, samples = this.images();
      const rows = this.runs.map((_, r) => samples.slice(r * d, (r + 1) * d));
      const digest = rows.map(hash), digest16 = rows.map((row) => hash(float16(row))), digest8 = rows.map((row) => hash(bytes(row)));
      const scores = Float64Array.from(this.runs, (run) => run.score), { record } = this;
      const done = this.runs[0].generation >= this.end;
      const published = record && done ? { ...record, same_image: digest16[0] === record.digest16 || digest8[0] === record.digest8, difference: scores[0] - record.score } : null;
      return { type: "result", samples, scores, digest, digest16, digest8, published };
    }

    handle(message) {
      try {
        require(["load", "start", "advance", "score", "result"].includes(message.type), `unknown message ${message.type}`);
        return this[message.type](message);
      } catch (error) {
        return { type: "error", message: error.message };
      }
    }
  }

  scope.anogenEngine = Engine;
  if (scope.WorkerGlobalScope) { // a worker: answer messages
    const engine = new Engine();
    scope.onmessage = ({ data }) => scope.postMessage(engine.handle(data));
  }
});

Object.assign(globalThis.anogenLive, {
  // Keep the data of a detector, by its key; the scripts in data/ call this.
  add(key, detector) { this.data[key] = detector; },
  // Load the script of a detector from a folder, such as "_static/live/data/", and return its data.
  async fetch(key, folder) {
    if (!this.data[key]) {
      await new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, { src: `${folder}${key}.js`, onload: resolve, onerror: () => reject(new Error(`cannot load ${key}`)) });
        document.head.append(script);
      });
    }
    const { arrays, pairs, populations, ...detector } = this.data[key];
    const more = await this.unpack({ arrays, pairs, populations });
    if (!detector.like) return { ...detector, ...more };
    const other = await this.fetch(detector.like, folder); // ECOD has the arrays of COPOD, KDE those of KNN
    return { ...detector, ...more, arrays: { ...other.arrays, ...more.arrays } };
  },
  // Return data whose arrays were compressed by zlib: the lowest bytes of all numbers, then the next.
  async unpack(value) {
    if (!value || typeof value !== "object" || Array.isArray(value)) return value;
    const { planes, data, ...other } = value;
    if (!planes) return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, one]) => [name, await this.unpack(one)])));
    const packed = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer()), n = bytes.length / planes, out = new Uint8Array(bytes.length);
    for (let p = 0, at = 0; p < planes; p += 1) for (let i = 0; i < n; i += 1) out[i * planes + p] = bytes[at++];
    return { ...other, data: out };
  },
  // The engine in a worker of its own; `worker.terminate()` ends it.
  worker() {
    const source = this.parts.map((part) => `(${part})(globalThis);`).join("\n");
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  },
  // The engine in this thread, for tests.
  engine() {
    const scope = Object.create(globalThis);
    for (const part of this.parts) part(scope);
    return new scope.anogenEngine();
  },
});
