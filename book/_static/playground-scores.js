// Anomaly scores of points in the unit square, computed from a detector's numbers, and two ways down. No page is needed:
// the tests compare these functions with Python's scores.
globalThis.anogenPlayground = (() => {
  const square = (x, p) => (x[0] - p[0]) ** 2 + (x[1] - p[1]) ** 2;
  const sum = (values) => values.reduce((a, b) => a + b, 0);

  // Distances to the k nearest of some points, ascending, and which they are.
  function nearest(x, points, k) {
    const found = [];
    points.forEach((point, index) => {
      const d = square(x, point);
      if (found.length === k && d >= found[k - 1].d) return;
      let at = found.length;
      while (at > 0 && found[at - 1].d > d) at -= 1;
      found.splice(at, 0, { d, index });
      if (found.length > k) found.pop();
    });
    return found.map(({ d, index }) => ({ distance: Math.sqrt(d), index }));
  }

  // ln of a sum of exponentials.
  function logSum(exponents) {
    const most = Math.max(...exponents);
    return most + Math.log(sum(exponents.map((e) => Math.exp(e - most))));
  }

  // Layers of weights (out x in), each with its biases and activation.
  const activation = { relu: (v) => Math.max(v, 0), tanh: Math.tanh, none: (v) => v };
  const network = (layers, input) =>
    layers.reduce((values, { weight, bias, then }) =>
      weight.map((row, i) => activation[then](bias[i] + sum(row.map((w, j) => w * values[j])))), input);

  // The sum over both coordinates of how far out in its tails a value is, among the training values and itself.
  function tails(x, points, average) {
    return sum([0, 1].map((axis) => {
      const v = x[axis], n = points.length + 1;
      let below = 1, above = 1, total = v;
      for (const point of points) {
        below += point[axis] <= v;
        above += point[axis] >= v;
        total += point[axis];
      }
      const mean = total / n;
      const skew = points.reduce((s, point) => s + (point[axis] - mean) ** 3, (v - mean) ** 3);
      const left = -Math.log(below / n), right = -Math.log(above / n);
      const skewed = skew > 0 ? right : skew < 0 ? left : left + right;
      return Math.max(skewed, average ? (left + right) / 2 : Math.max(left, right));
    }));
  }

  // The score of each kind of detector: from its numbers m and the training points to a function of a point.
  const scores = {
    knn: (m, points) => (x) => nearest(x, points, m.k)[m.k - 1].distance,
    lof: (m, points) => (x) => {
      const close = nearest(x, points, m.k);
      const reach = sum(close.map(({ distance, index }) => Math.max(distance, m.reach[index]))) / m.k + 1e-10;
      return (sum(close.map(({ index }) => m.density[index])) / m.k) * reach;
    },
    kde: (m, points) => (x) => m.constant - logSum(points.map((p) => -square(x, p) / (2 * m.width ** 2))),
    gmm: (m) => (x) =>
      -logSum(m.means.map((mean, c) => {
        const [a, b] = [x[0] - mean[0], x[1] - mean[1]], f = m.factors[c];
        return m.constants[c] - ((a * f[0][0] + b * f[1][0]) ** 2 + (a * f[0][1] + b * f[1][1]) ** 2) / 2;
      })),
    ocsvm: (m) => (x) =>
      m.offset - sum(m.support.map((s, i) => m.weights[i] * Math.exp(-m.gamma * square(x, s)))),
    cblof: (m) => (x) => Math.sqrt(Math.min(...m.centres.map((c) => square(x, c)))),
    hbos: (m) => (x) =>
      sum(m.edges.map((edges, axis) => {
        const v = x[axis], terms = m.terms[axis], last = terms.length - 1;
        if (v <= edges[0]) return edges[0] - v <= m.tol * (edges[1] - edges[0]) ? terms[0] : Math.max(...terms);
        if (v > edges[last + 1])
          return v - edges[last + 1] <= m.tol * (edges[last + 1] - edges[last]) ? terms[last] : Math.max(...terms);
        return terms[edges.findIndex((edge) => v <= edge) - 1];  // bins are half open to the left
      })),
    copod: (m, points) => (x) => tails(x, points, true),
    ecod: (m, points) => (x) => tails(x, points, false),
    iforest: (m) => (x) => {
      const row = x.map(Math.fround);  // as scikit-learn rounds it
      const depth = sum(m.roots.map((root) => {
        let node = root;
        while (m.children[node][0] !== node) node = m.children[node][+(row[m.features[node]] > Math.fround(m.thresholds[node]))];
        return m.leaves[node];
      }));
      return 2 ** (-depth / m.expected) + m.offset;
    },
    autoencoder: (m) => (x) => {
      const z = x.map((v, i) => v * m.scale[i] + m.shift[i]);
      return Math.sqrt(square(z, network(m.layers, z)));
    },
    sphere: (m) => (x) => sum(network(m.layers, x).map((v, i) => (v - m.centre[i]) ** 2)),
  };

  const clip = (x) => x.map((v) => Math.min(1, Math.max(0, v)));

  // Steps against the gradient, which is taken from differences; a step that would not lead lower is halved, until none
  // is left. Yields the points passed.
  function* descend(score, start, { step = 0.04, least = 1e-5, most = 400 } = {}) {
    const h = 1e-6;
    let x = clip(start), lowest = score(x);
    yield { shown: x, score: lowest };
    for (let i = 0; i < most; i += 1) {
      const slope = [score([x[0] + h, x[1]]) - score([x[0] - h, x[1]]), score([x[0], x[1] + h]) - score([x[0], x[1] - h])];
      const length = Math.hypot(...slope);
      if (!(length > 0)) return;
      let next, value;
      do {
        next = clip(x.map((v, j) => v - (step * slope[j]) / length));
        value = score(next);
        if (value < lowest) break;
        step /= 2;
      } while (step > least);
      if (!(value < lowest)) return;
      x = next;
      lowest = value;
      step = Math.min(step * 1.5, 0.04);
      yield { shown: x, score: lowest };
    }
  }

  // Numbers in [0, 1) from a seed (mulberry32), and normal ones from them (Box and Muller).
  function random(seed) {
    let state = seed >>> 0;
    const uniform = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return { uniform, normal };
  }

  // The thesis's algorithm from points around the start: a child is the mean of two parents, chosen by rank; half of the
  // children are mutated; all parents are replaced. Yields the population and its best.
  function* evolve(score, start, { seed = 0, population = 24, spread = 0.08, sigma = 0.01, generations = 150 } = {}) {
    const { uniform, normal } = random(seed);
    const ranked = (rows) => rows.map((x) => ({ x, score: score(x) })).sort((a, b) => a.score - b.score);
    // the best is chosen `population` times as often as the worst
    const law = Array.from({ length: population }, (_, rank) => population - rank);
    const total = sum(law);
    const parent = () => {
      let left = uniform() * total, rank = 0;
      while (rank < population - 1 && left >= law[rank]) left -= law[rank++];
      return rank;
    };
    let now = ranked(Array.from({ length: population }, () => clip(start.map((v) => v + spread * normal()))));
    for (let g = 0; ; g += 1) {
      yield { shown: now[0].x, score: now[0].score, population: now.map(({ x }) => x) };
      if (g === generations) return;
      now = ranked(now.map(() => {
        const [mother, father] = [now[parent()].x, now[parent()].x];
        const noise = uniform() < 0.5 ? sigma : 0;
        return clip(mother.map((v, j) => (v + father[j]) / 2 + (noise && noise * normal())));
      }));
    }
  }

  return {
    // The function that scores a point, of one detector of a page's data.
    score: (data, key) => scores[data.detectors[key].form](data.detectors[key].numbers, data.points),
    descend,
    evolve,
  };
})();
