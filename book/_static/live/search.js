// One run of a search: the evolution of a population, or the descent of an image, on the free pixels.
globalThis.anogenLive.parts.push((scope) => {
  const { PARENTS, MUTATES, NOISE, words, uniform, normals, child, Twister } = scope.anogenRandom;
  const { fround } = Math;

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
      const arena = scope.anogenKernel(config.plain, 8 * size + 32 * quarter + 8 * p + (scorer.bytes?.(p) ?? 0));
      const compiled = arena.kernel && scorer.compile ? scorer.compile(arena, p) : scorer;
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
    constructor(scorer, config, image) {
      Object.assign(this, { scorer, config, factor: config.reduction === "sum" ? scorer.d : 1, image, generation: 0 });
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

  // The first population of run i. "half-normal" is one of a record: normal images, then noise of a seed of its own.
  function firstPopulation(settings, config, seed, d, stated, i) {
    const p = config.population_size, size = p * d, kind = config.initial_distribution;
    const half = kind === "half-normal", normal = kind === "normal";
    require(half || normal || kind === "uniform", "unknown initial_distribution: choose uniform or normal");
    if (settings.initial_population) return Float32Array.from(settings.initial_population);
    if (half) {
      require(stated, "no record of this detector has a half normal first population");
      const { seeds, levels, images } = stated, length = images.length / seeds.length, run = settings.starts?.[i] ?? i;
      const count = (2 * length) / d;
      require(p === count, `the first populations of the record have ${count} images: set the population to ${count}`);
      const population = new Twister(seeds[run]).uniforms(size);
      for (let k = 0; k < length; k += 1) population[k] = levels[images[run * length + k]];
      return population;
    }
    const random = new Twister(seed);
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

  scope.anogenSearch = { require, Run, Descent, firstPopulation, fixedPixels };
});
