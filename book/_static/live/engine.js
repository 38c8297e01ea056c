// anogen's searches in the page: the evolution of anogen/generators/evolution.py, bit for bit, and gradient descent.
//
// The files random.js, scorers.js, kernel.js and engine.js run in a worker, which is made from a Blob of their source because
// a page opened from a folder cannot load one (`anogenLive.worker()`), and in node (load the files in this order, then
// `anogenLive.engine()` returns an engine with the same messages: `engine.handle(message)` gives the answers).
//
// To the worker                                           From the worker
// {type: "load", detector}                                {type: "loaded", key, d, exact, differentiable, runs, references}
//   the object of `anogenLive.fetch` as it is; decoded here
// {type: "start", settings}                               {type: "state", ...} of generation 0
// {type: "advance", generations, milliseconds}            {type: "state", ...} when either is reached, or the end
// {type: "score", rows: Float32Array(n*d), gradient}      {type: "scores", scores, gradients or null}
// {type: "result"}                                        {type: "result", samples, scores, digest, digest16, published}
// any of them may be answered by                          {type: "error", message}
//
// settings: method "evolution" (default) or "gradient"; seeds, a list, or random_state and n_samples, as in Python;
//   evolution: n_generations and the fields of `EvolutionConfig` (population_size, mutation_rate, mutation_std,
//   selection, clip, initial_distribution, n_elites, mutation_half_life) with Python's defaults; initial_population
//   (P*d), or normal (n*d) and normal_seed: the first half of the first population is sampled from these rows; plain,
//   to leave WebAssembly alone;
//   gradient: n_iterations and the fields of `GradientConfig` (learning_rate, rule, reduction, clip), start (n*d).
//   Both: mask, Uint8Array(d) with 1 for a fixed pixel, or k and mask_seed (`random_mask`); reference, Float32Array(d);
//   or k and pair: the image and the order of fixed pixels of a record. run: the settings of `runs[run]`, a published
//   run {record, name, settings, score, digest16}; with no other setting the result is compared with the record.
// loaded: runs, the published runs; references (pairs*d), the images whose pixels they fix, or null.
// state: generation, done; scores (runs), the lowest of each population; best_scores (runs), the lowest so far; images
//   (runs*d), the fittest; history {first, scores: Float64Array(runs*count)}, the lowest scores of the generations
//   first, first + 1, ... since the last state; exact, whether Python computes the same bits with these settings;
//   undecided, comparisons that rounding may decide otherwise than in Python (0 as a rule); mask, Uint8Array(d) or null.
// result: samples Float32Array(runs*d), scores Float64Array(runs); digest and digest16, SHA-256 of each run's sample as
//   little-endian float32, and as float16, which is what a record keeps; published, after the last generation of a
//   published run, {...run, same_image, difference}, the difference of the score from the record's; else null.
globalThis.anogenLive.parts.push((scope) => {
  const { PARENTS, MUTATES, NOISE, words, uniform, normals, child, Twister } = scope.anogenRandom;
  const { fround } = Math;

  const EVOLUTION = {
    n_generations: 2500, population_size: 150, mutation_rate: 0.5, mutation_std: 0.01, selection: "linear", clip: true,
    initial_distribution: "uniform", n_elites: 0, mutation_half_life: null, plain: false,
  };
  const GRADIENT = { n_iterations: 500, learning_rate: 0.01, rule: "adam", reduction: "sum", clip: true };

  function require(condition, message) {
    if (!condition) throw new Error(message);
  }

  // Cumulative probability that a parent has rank 0, 1, ..., P-1.
  function selectionCdf(selection, p) {
    const weight = {
      linear: (rank) => p - rank,
      tournament: (rank) => 2 * (p - rank) - 1,
      truncation: (rank) => Number(rank < (p + 1) >> 1),
    }[selection];
    require(weight, `unknown selection ${selection}: choose linear, tournament or truncation`);
    const weights = Float64Array.from({ length: p }, (_, rank) => weight(rank));
    const sum = weights.reduce((a, b) => a + b, 0);
    let total = 0;
    return weights.map((w) => (total += w / sum));
  }

  // The number of values of cdf, without the last, that are below u.
  function rankOf(cdf, u) {
    let at = 0, size = cdf.length;
    while (size > 1) {
      const middle = size >> 1;
      if (cdf[at + middle - 1] < u) at += middle;
      size -= middle;
    }
    return at;
  }

  // The operations of a search: by the kernel, on arrays in its memory, or in plain JavaScript.
  const operations = (kernel) => (kernel ? {
    words: (out, ...rest) => kernel.words(out.byteOffset, ...rest),
    normals: (out, bits, n) => kernel.normals(out.byteOffset, bits.byteOffset, n),
    child(out, at, population, a, b, noise, std, d, clip) {
      const [from, parents] = [out.byteOffset, population.byteOffset];
      kernel.child(from + 4 * at, parents + 4 * a, parents + 4 * b, noise?.byteOffset ?? 0, std, d, clip);
    },
  } : { words, normals, child });

  // One run: a population on the free pixels.
  class Run {
    constructor(scorer, config, seed, population) {
      const wide = BigInt(seed), p = config.population_size, size = population.length, quarter = (scorer.d + 3) >> 2;
      const arena = scope.anogenKernel(config.plain, 8 * size + 32 * quarter + 8 * p + (scorer.bytes ?? 0));
      const compiled = arena.kernel && scorer.compile ? scorer.compile(arena) : scorer;
      Object.assign(this, { scorer: compiled, config, quarter, operations: operations(arena.kernel), generation: 0 });
      this.low = Number(BigInt.asUintN(32, wide));
      this.high = Number(BigInt.asUintN(32, wide >> 32n));
      this.cdf = selectionCdf(config.selection, p);
      this.population = arena.take(Float32Array, size);
      this.population.set(population);
      this.offspring = arena.take(Float32Array, size);
      this.bits = arena.take(Uint32Array, 4 * quarter);
      this.noise = arena.take(Float32Array, 4 * quarter);
      this.scores = arena.take(Float64Array, p);
      this.parents = new Uint32Array(4 * p);
      this.mutates = new Uint32Array(4 * p);
      this.rank();
      this.bestScore = this.scores[this.best];
    }

    // Score the population.
    rank() {
      const { scores } = this, p = scores.length;
      this.scorer.score(this.population, p, scores);
      require(!scores.some(Number.isNaN), "the detector's score is NaN");
      this.best = scores.indexOf(scores.reduce((a, b) => Math.min(a, b), Infinity));
      this.order = Uint32Array.from({ length: p }, (_, i) => i);
      this.order.sort((a, b) => scores[a] - scores[b] || a - b);
    }

    // The next generation: average two parents, mutate a share of the offspring.
    step() {
      const { config, population, offspring, parents, mutates, order, cdf, noise, bits, quarter, low, high } = this;
      const { population_size: p, n_elites: elites, mutation_rate: rate, clip, mutation_half_life: halfLife } = config;
      const { scorer: { d }, operations: make, generation: last } = this, generation = last + 1;
      const std = fround(config.mutation_std * (halfLife === null ? 1 : 2 ** (-generation / halfLife)));
      words(parents, p, 0, generation, PARENTS, low, high);
      words(mutates, p, 0, generation, MUTATES, low, high);
      for (let i = 0; i < elites; i += 1) offspring.set(population.subarray(order[i] * d, (order[i] + 1) * d), i * d);
      for (let i = elites; i < p; i += 1) {
        const a = d * order[rankOf(cdf, uniform(parents[i], parents[p + i]))];
        const b = d * order[rankOf(cdf, uniform(parents[2 * p + i], parents[3 * p + i]))];
        const mutated = uniform(mutates[i], mutates[p + i]) < rate;
        if (mutated) {
          make.words(bits, quarter, i, generation, NOISE, low, high);
          make.normals(noise, bits, quarter);
        }
        make.child(offspring, i * d, population, a, b, mutated ? noise : null, std, d, clip);
      }
      [this.population, this.offspring] = [offspring, population];
      this.generation = generation;
      this.rank();
      this.bestScore = Math.min(this.bestScore, this.scores[this.best]);
      return this.score;
    }

    get score() {
      return this.scores[this.best];
    }

    get image() {
      return this.population.subarray(this.best * this.scorer.d, (this.best + 1) * this.scorer.d);
    }
  }

  // One image during gradient descent.
  class Descent {
    constructor(scorer, config, d, image) {
      Object.assign(this, { scorer, config, factor: config.reduction === "sum" ? d : 1, image, generation: 0 });
      [this.slope, this.first, this.second] = [0, 0, 0].map(() => new Float32Array(image.length));
      this.score = scorer.gradient(image, this.slope);
      this.bestScore = this.score;
    }

    step() {
      const { config, image, slope, first, second, factor } = this;
      this.generation += 1;
      for (let i = 0; i < image.length; i += 1) {
        let move = slope[i] * factor;
        if (config.rule === "adam") {
          first[i] = 0.9 * first[i] + 0.1 * move;
          second[i] = 0.999 * second[i] + 0.001 * move * move;
          const mean = first[i] / (1 - 0.9 ** this.generation), square = second[i] / (1 - 0.999 ** this.generation);
          move = mean / (Math.sqrt(square) + 1e-8);
        }
        const moved = image[i] - config.learning_rate * move;
        image[i] = config.clip ? Math.min(1, Math.max(0, moved)) : moved;
      }
      const before = this.score; // Python's history has the score before each step
      this.score = this.scorer.gradient(image, slope);
      this.bestScore = Math.min(this.bestScore, this.score);
      return before;
    }
  }

  function firstPopulation(settings, config, seed, d) {
    const p = config.population_size, size = p * d;
    const random = new Twister(seed), normal = config.initial_distribution === "normal";
    require(normal || config.initial_distribution === "uniform", "unknown initial_distribution: choose uniform or normal");
    if (settings.initial_population) return Float32Array.from(settings.initial_population);
    const population = normal
      ? random.normals(size).map((v) => Math.min(1, Math.max(0, fround(fround(v * 0.25) + 0.5))))
      : random.uniforms(size);
    if (settings.normal) {
      const count = settings.normal.length / d, half = p >> 1;
      require(count >= half, `${count} normal images are too few for half a population of ${p}: give ${half} or more`);
      const chosen = new Twister(settings.normal_seed ?? seed).permutation(count).subarray(0, half);
      chosen.forEach((from, to) => population.set(settings.normal.subarray(from * d, (from + 1) * d), to * d));
    }
    return population;
  }

  // The fixed pixels: settings.mask, or round(k d) in the order of a published pair, or in a random one.
  function fixedPixels(settings, d, pairs) {
    if (settings.mask || settings.k === undefined || settings.k === null) return settings.mask ?? null;
    const mask = new Uint8Array(d), product = settings.k * d, floor = Math.floor(product);
    const up = product - floor > 0.5 || (product - floor === 0.5 && floor % 2 === 1); // round half to even, as Python
    const { pair } = settings, random = pair === undefined || pair === null;
    const order = random ? new Twister(settings.mask_seed ?? 0).permutation(d) : pairs.order.subarray(pair * d, (pair + 1) * d);
    for (const i of order.subarray(0, floor + up)) mask[i] = 1;
    return mask;
  }

  function sha256(bytes) {
    const { fractions, roots } = sha256.constants ??= (() => {
      const primes = [];
      for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
      const bits = (v) => Math.floor((v - Math.floor(v)) * 2 ** 32);
      return { fractions: primes.map((p) => bits(Math.cbrt(p))), roots: primes.slice(0, 8).map((p) => bits(Math.sqrt(p))) };
    })();
    const padded = new Uint8Array((bytes.length + 9 + 63) & ~63), view = new DataView(padded.buffer);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
    const state = Uint32Array.from(roots), w = new Int32Array(64), turn = (x, n) => (x >>> n) | (x << (32 - n));
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 64; i += 1) {
        if (i < 16) w[i] = view.getInt32(at + 4 * i);
        else {
          const x = w[i - 15], y = w[i - 2];
          w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const s = (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + h + fractions[i] + w[i] | 0;
        const t = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)) | 0;
        [a, b, c, d, e, f, g, h] = [s + t | 0, a, b, c, d + s | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((v, i) => { state[i] += v; });
    }
    return [...state].map((v) => v.toString(16).padStart(8, "0")).join("");
  }

  // Values as float16, rounded to the nearest, ties to even.
  function float16(values) {
    return Uint16Array.from(values, (value) => {
      const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0, v = Math.abs(value);
      if (!(v < 65520)) return sign | (Number.isNaN(v) ? 0x7e00 : 0x7c00);
      const e = Math.max(v ? Math.floor(Math.log2(v)) : -14, -14);
      const exponent = v >= 2 ** (e + 1) ? e + 1 : e > -14 && v < 2 ** e ? e - 1 : e;
      const scaled = v / 2 ** (exponent - 10), floor = Math.floor(scaled), rest = scaled - floor;
      const mantissa = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1));
      return sign | (mantissa + (exponent + 14) * 1024);
    });
  }
  const hash = (values) => sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

  const TYPES = { u1: Uint8Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

  // An array of a detector: {type, data} is base64 of little-endian numbers; of type "runs", bytes in which a 0 is
  // followed by the number of zeros; of type "table", rows of `values` with `width` numbers each, chosen by `index`.
  function decode(value) {
    if (typeof value !== "object" || Array.isArray(value)) return value;
    if (value.type === "table") {
      const values = decode(value.values), index = decode(value.index), { width } = value;
      return Float64Array.from({ length: index.length * width }, (_, i) => values[index[Math.floor(i / width)] * width + (i % width)]);
    }
    const text = atob(value.data), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    if (value.type !== "runs") return new TYPES[value.type](bytes.buffer);
    const out = new Uint8Array(value.length);
    for (let i = 0, at = 0; i < bytes.length; i += 1) {
      if (bytes[i]) out[at++] = bytes[i];
      else at += bytes[++i];
    }
    return out;
  }

  // The searches of one detector; `handle` takes a message and returns the answer.
  class Engine {
    load({ detector }) {
      const every = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)]));
      this.detector = { ...detector, arrays: every(detector.arrays) };
      const pairs = detector.pairs && every(detector.pairs);
      this.pairs = pairs && { ...pairs, references: Float32Array.from(pairs.references, (index) => pairs.levels[index]) };
      this.scorer = scope.anogenScorers.make(this.detector);
      const { key, d, exact } = this.detector, references = this.pairs?.references ?? null;
      const runs = this.published = (detector.records ?? []).flatMap(({ record, settings, runs: ends }) =>
        ends.map((end) => ({ ...end, record, settings: { ...settings, ...end.settings } })));
      return { type: "loaded", key, d, exact, differentiable: Boolean(this.scorer.gradient), runs, references };
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
        const image = (seed, i) => settings.start?.slice(i * d, (i + 1) * d) ?? new Twister(seed).uniforms(d);
        this.runs = seeds.map((seed, i) => new Descent(scorer, config, d, freeOf(image(seed, i)).slice()));
        this.end = config.n_iterations;
      } else {
        this.runs = seeds.map((seed) => new Run(scorer, config, seed, freeOf(firstPopulation(settings, config, seed, d))));
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
      return Boolean(detector.exact && known && config.population_size && config.initial_distribution === "uniform");
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
      const digest = rows.map(hash), digest16 = rows.map((row) => hash(float16(row)));
      const scores = Float64Array.from(this.runs, (run) => run.score), { record } = this;
      const done = this.runs[0].generation >= this.end;
      const published = record && done ? { ...record, same_image: digest16[0] === record.digest16, difference: scores[0] - record.score } : null;
      return { type: "result", samples, scores, digest, digest16, published };
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
    const detector = this.data[key];
    if (!detector.like) return detector;
    const { arrays } = await this.fetch(detector.like, folder); // ECOD has the arrays of COPOD
    return { ...detector, arrays: { ...arrays, ...detector.arrays } };
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
