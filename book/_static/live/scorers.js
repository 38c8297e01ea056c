// Anomaly scores of fitted detectors, as in anogen/scorers/: each function below makes a scorer of the arrays that
// companion/live exported. A scorer has `d`, the length of a row, and `score(rows, n, out)`, which fills out (n) for
// rows (n, d) in float32; `condition(free, reference)` returns that of the free pixels, where a part can be computed
// once. Sums are added in the order of the Python code, so that the scores have the same bits.
globalThis.anogenLive.parts.push((scope) => {
  const { sqrt } = Math;

  // The free pixels' complement, ascending.
  function complement(free, d) {
    const isFree = new Uint8Array(d);
    for (const i of free) isFree[i] = 1;
    return Int32Array.from({ length: d }, (_, i) => i).filter((i) => !isFree[i]);
  }
  // The chosen columns of a matrix (rows, d); a column is `width` numbers.
  function columns(matrix, rows, d, chosen, width = 1) {
    const out = new matrix.constructor(rows * chosen.length * width);
    for (let r = 0; r < rows; r += 1) {
      chosen.forEach((from, to) => {
        for (let k = 0; k < width; k += 1) out[(r * chosen.length + to) * width + k] = matrix[(r * d + from) * width + k];
      });
    }
    return out;
  }

  // The sum of start and of (a_i - b_i)^2, for d values from the given places on. The terms of eight equal parts are
  // added as a tree, the d/8 sums likewise, and the rest in order.
  const partial = new Float64Array(1 << 16);
  function sumOfSquares(start, a, at, b, bt, d) {
    const q = d >> 3, p = q >> 3;
    for (let k = 0; k < q; k += 1) {
      const i = at + k, j = bt + k;
      const x0 = a[i] - b[j], x1 = a[i + q] - b[j + q], x2 = a[i + 2 * q] - b[j + 2 * q], x3 = a[i + 3 * q] - b[j + 3 * q];
      const x4 = a[i + 4 * q] - b[j + 4 * q], x5 = a[i + 5 * q] - b[j + 5 * q];
      const x6 = a[i + 6 * q] - b[j + 6 * q], x7 = a[i + 7 * q] - b[j + 7 * q];
      partial[k] = ((x0 * x0 + x1 * x1) + (x2 * x2 + x3 * x3)) + ((x4 * x4 + x5 * x5) + (x6 * x6 + x7 * x7));
    }
    let total = start;
    for (let k = 0; k < p; k += 1) {
      total += ((partial[k] + partial[k + p]) + (partial[k + 2 * p] + partial[k + 3 * p]))
        + ((partial[k + 4 * p] + partial[k + 5 * p]) + (partial[k + 6 * p] + partial[k + 7 * p]));
    }
    for (let k = 8 * p; k < q; k += 1) total += partial[k];
    for (let k = 8 * q; k < d; k += 1) total += (a[at + k] - b[bt + k]) * (a[at + k] - b[bt + k]);
    return total;
  }

  // CBLOF: the distance to the nearest large centre.
  function cblof({ centres }, d, offset) {
    const m = centres.length / d;
    const squares = offset ?? new Float64Array(m);
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) {
          let lowest = Infinity;
          for (let j = 0; j < m; j += 1) {
            const square = sumOfSquares(squares[j], rows, r * d, centres, j * d, d);
            if (square < lowest) lowest = square;
          }
          out[r] = sqrt(lowest);
        }
      },
      // The same score by the kernel, of rows in its memory.
      bytes: 8 * (centres.length + m + d),
      compile({ kernel, take }) {
        const c = take(Float64Array, centres.length), o = take(Float64Array, m), sums = take(Float64Array, d);
        c.set(centres);
        o.set(squares);
        return { ...this, score: (rows, n, out) =>
          kernel.nearest(rows.byteOffset, n, c.byteOffset, m, o.byteOffset, d, sums.byteOffset, out.byteOffset) };
      },
      condition(free, reference) {
        const fixed = complement(free, d), row = columns(reference, 1, d, fixed);
        const rest = columns(centres, m, d, fixed);
        const added = squares.map((s, j) => sumOfSquares(s, row, 0, rest, j * fixed.length, fixed.length));
        return cblof({ centres: columns(centres, m, d, free) }, free.length, added);
      },
      gradient(row, out) {
        let nearest = 0, lowest = Infinity;
        for (let j = 0; j < m; j += 1) {
          const square = sumOfSquares(squares[j], row, 0, centres, j * d, d);
          if (square < lowest) [nearest, lowest] = [j, square];
        }
        const distance = sqrt(lowest);
        for (let i = 0; i < d; i += 1) out[i] = distance ? (row[i] - centres[nearest * d + i]) / distance : 0;
        return distance;
      },
    };
  }

  // HBOS: the sum over pixels of the terms of their bins, counted half open to the left.
  function hbos({ edges, terms, tol }, d, offset = 0) {
    const bins = terms.length / d, rarest = Float64Array.from({ length: d }, (_, i) => {
      let most = terms[i * bins];
      for (let k = 1; k < bins; k += 1) most = Math.max(most, terms[i * bins + k]);
      return most;
    });
    const edge = (i, k) => edges[i * (bins + 1) + k];
    const each = (of) => Float64Array.from({ length: d }, (_, i) => of(i));
    const below = each((i) => tol * (edge(i, 1) - edge(i, 0))), above = each((i) => tol * (edge(i, bins) - edge(i, bins - 1)));
    const perUnit = each((i) => bins / (edge(i, bins) - edge(i, 0)));
    const select = (pixels, added) => hbos({
      edges: columns(edges, 1, d, pixels, bins + 1), terms: columns(terms, 1, d, pixels, bins), tol,
    }, pixels.length, added);
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) {
          let total = 0;
          for (let i = 0; i < d; i += 1) {
            const v = rows[r * d + i], at = i * (bins + 1);
            let k = Math.trunc(Math.min(Math.max((v - edges[at]) * perUnit[i], 0), bins)) + 1;
            while (k <= bins && edges[at + k] < v) k += 1;
            while (k > 0 && edges[at + k - 1] >= v) k -= 1;
            if (k === 0) total += edges[at] - v > below[i] ? rarest[i] : terms[i * bins];
            else if (k > bins) total += v - edges[at + bins] > above[i] ? rarest[i] : terms[i * bins + bins - 1];
            else total += terms[i * bins + k - 1];
          }
          out[r] = total + offset;
        }
      },
      condition(free, reference) {
        const fixed = complement(free, d), one = new Float64Array(1);
        select(fixed, offset).score(columns(reference, 1, d, fixed), 1, one);
        return select(free, one[0]);
      },
    };
  }

  // a b without error, as the sum of two numbers (Dekker); small is the second.
  const split = (a) => {
    const high = a * 134217729 - (a * 134217729 - a);
    return [high, a - high];
  };
  function twoProduct(a, b) {
    const high = a * b, [a1, a2] = split(a), [b1, b2] = split(b);
    return [high, a2 * b2 - (high - a1 * b1 - a2 * b1 - a1 * b2)];
  }
  function twoSum(a, b) {
    const high = a + b, part = high - a;
    return [high, (a - (high - part)) + (b - part)];
  }

  // 2^-x for x >= 0, by the operations of anogen/scorers/iforest.py; `powers` (32, 2) is 2^(-j/32) with its remainder.
  const LN2 = [0.6931471805599453, 2.3190468138462996e-17];
  function negativePower(x, powers) {
    const steps = Math.floor(x * 32 + 0.5), whole = Math.floor(steps / 32), j = steps - 32 * whole;
    const rest = steps / 32 - x, [high, low] = twoProduct(rest, LN2[0]);
    const series = high * high * (0.5 + high * (1 / 6 + high * (1 / 24 + high * (1 / 120 + high * (1 / 720 + high / 5040)))));
    const [m, small] = twoSum(high, (low + rest * LN2[1]) + series);
    const [product, error] = twoProduct(powers[2 * j], m), [sum, lost] = twoSum(powers[2 * j], product);
    return (sum + (lost + (error + (powers[2 * j] * small + powers[2 * j + 1] * (1 + m))))) * 2 ** -whole;
  }

  // IForest: 2^-(the mean depth of a row's leaves over its expectation), and an offset. Nodes are exported in preorder:
  // the feature of each, 65535 for a leaf; the thresholds of the others; the training rows less 1 of the leaves.
  function iforest({ features, thresholds, rows: leafRows, mean_depths: meanDepths, expected, offset, powers }, d) {
    const children = new Int32Array(2 * features.length), threshold = new Float32Array(features.length);
    const leaves = new Float64Array(features.length), roots = [];
    let at = 0, inner = 0, leaf = 0;
    const grow = (depth) => {
      const node = at;
      at += 1;
      if (features[node] === 65535) {
        leaves[node] = depth + meanDepths[leafRows[leaf]];
        leaf += 1;
      } else {
        threshold[node] = thresholds[inner];
        inner += 1;
        children[2 * node] = grow(depth + 1);
        children[2 * node + 1] = grow(depth + 1);
      }
      return node;
    };
    while (at < features.length) roots.push(grow(0));
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) {
          let total = 0;
          for (const root of roots) {
            let node = root;
            while (features[node] !== 65535) node = children[2 * node + (rows[r * d + features[node]] > threshold[node])];
            total += leaves[node];
          }
          out[r] = (expected ? negativePower(total / expected, powers) : 0.5) + offset;
        }
      },
    };
  }

  // -ln x, correctly rounded: ln x = e ln 2 + 2 artanh((f - 1)/(f + 1)) in numbers of twice the length.
  function negLog(x) {
    const add = ([a, b], [c, e]) => { const [s, t] = twoSum(a, c); return twoSum(s, t + (b + e)); };
    const multiply = ([a, b], [c, e]) => { const [p, q] = twoProduct(a, c); return twoSum(p, q + (a * e + b * c)); };
    const divide = (a, b) => { // two steps of long division
      const first = a[0] / b[0], rest = add(a, multiply(b, [-first, 0]));
      return twoSum(first, rest[0] / b[0]);
    };
    let e = 0, f = x;
    while (f < 0.7071067811865476) { f *= 2; e -= 1; }
    const s = divide(twoSum(f, -1), twoSum(f, 1)), q = multiply(s, s);
    let series = [0, 0];
    for (let k = 41; k >= 1; k -= 2) series = add(divide([1, 0], [k, 0]), multiply(q, series));
    const log = add(multiply([2 * s[0], 2 * s[1]], series), multiply([e, 0], LN2));
    return -(log[0] + log[1]);
  }

  // COPOD and ECOD: the sum over pixels of negative log tail probabilities among the training rows and the batch. The
  // training rows are counts (d, 256) of their levels, in two bytes; Python's logarithms, by the size of the batch,
  // differ from the correctly rounded ones at `log_places` by one unit up or down.
  function tails(arrays, d, pixels = Int32Array.from({ length: d }, (_, i) => i), fixedOffset = () => 0) {
    const { levels, counts_low: low, counts_high: high, n, mean, moments, average } = arrays, tables = new Map();
    const sorted = [...pixels].map((i) => {
      const own = [], below = [0];
      for (let k = 0; k < 256; k += 1) {
        const count = low[256 * i + k] + 256 * high[256 * i + k];
        if (count) {
          own.push(levels[k]);
          below.push(below.at(-1) + count);
        }
      }
      return { levels: Float64Array.from([...own, NaN]), below: Int32Array.from(below) };
    });
    function table(size) {
      if (!tables.has(size)) {
        const values = Float64Array.from({ length: n + size }, (_, i) => negLog((i + 1) / (n + size)));
        const known = arrays.log_sizes.indexOf(size), bits = new BigInt64Array(values.buffer);
        for (let i = 0; known >= 0 && i < arrays.log_places.length; i += 3) {
          if (arrays.log_places[i] === known) bits[arrays.log_places[i + 1]] += BigInt(arrays.log_places[i + 2]);
        }
        tables.set(size, values);
      }
      return tables.get(size);
    }

    // The sign of the skewness of each pixel of the training rows and the batch together.
    function signs(rows, b) {
      const f = pixels.length, out = new Int8Array(f);
      for (let j = 0; j < f; j += 1) {
        let total = 0;
        for (let r = 0; r < b; r += 1) total += rows[r * f + j];
        const middle = total / b, i = pixels[j];
        let b2 = 0, b3 = 0, size3 = 0;
        for (let r = 0; r < b; r += 1) {
          const y = rows[r * f + j] - middle;
          b2 += y * y;
          b3 += y * y * y;
          size3 += y * y * Math.abs(y);
        }
        const [n2, n3, n3Size] = [moments[i], moments[d + i], moments[2 * d + i]], shift = middle - mean[i];
        const second = n2 + b2 + shift * shift * ((n * b) / (n + b));
        const between = shift * shift * shift * ((n * b * (n - b)) / (n + b) ** 2);
        const third = n3 + b3 + between + (3 * shift * (n * b2 - b * n2)) / (n + b);
        const size = n3Size + size3 + Math.abs(between) + (3 * Math.abs(shift) * (n * b2 + b * n2)) / (n + b);
        const level = Math.abs(n * mean[i] + b * middle) / (n + b), rounding = (n + b) * 16 * 2 ** -52;
        out[j] = Math.sign(third);
        if (Math.abs(third) <= rounding * (size + 3 * second * level) || second <= (n + b) * (rounding * level) ** 2) {
          const [only] = sorted[j].levels;
          let constant = sorted[j].levels.length === 2;
          for (let r = 0; r < b && constant; r += 1) constant = rows[r * f + j] === only;
          if (!constant) scorer.undecided += 1;
        }
      }
      return out;
    }

    const scorer = {
      d: pixels.length,
      undecided: 0,
      exactFor: (size) => arrays.log_sizes.includes(size),
      score(rows, b, out) {
        const f = pixels.length, logs = table(b), last = n + b - 1, sign = signs(rows, b);
        const column = new Float64Array(b), keys = new Float64Array(b), bits = new Int32Array(1), value = new Float32Array(bits.buffer);
        out.fill(0, 0, b);
        for (let j = 0; j < f; j += 1) {
          for (let r = 0; r < b; r += 1) { // one key for value and row: sorting numbers is fast
            value[0] = rows[r * f + j] + 0;
            keys[r] = (bits[0] < 0 ? -(bits[0] & 0x7fffffff) : bits[0]) * 65536 + r;
          }
          keys.sort();
          const { levels: own, below } = sorted[j];
          for (let k = 0; k < b; k += 1) {
            const r = keys[k] - Math.floor(keys[k] / 65536) * 65536;
            keys[k] = r;
            column[k] = rows[r * f + j];
          }
          for (let first = 0, at = 0; first < b;) {
            const v = column[first];
            let end = first + 1;
            while (end < b && column[end] === v) end += 1;
            while (own[at] < v) at += 1;
            const left = logs[below[at + (own[at] === v)] + end - 1], right = logs[last - below[at] - first];
            const skewed = (sign[j] <= 0 ? left : 0) + (sign[j] >= 0 ? right : 0);
            const term = Math.max(skewed, average ? (left + right) / 2 : Math.max(left, right));
            for (; first < end; first += 1) out[keys[first]] += term;
          }
        }
        const offset = fixedOffset(b);
        for (let r = 0; r < b; r += 1) out[r] += offset;
      },
      condition(free, reference) {
        const fixed = complement(free, d), row = columns(reference, 1, d, fixed), known = new Map();
        const rest = tails(arrays, d, fixed);
        return tails(arrays, d, free, (size) => {
          if (!known.has(size)) {
            const rows = new Float32Array(size * fixed.length), scores = new Float64Array(size);
            for (let r = 0; r < size; r += 1) rows.set(row, r * fixed.length);
            rest.score(rows, size, scores);
            known.set(size, scores[0]);
          }
          return known.get(size);
        });
      },
    };
    return scorer;
  }

  // INNE: the mean over samples of a value of the smallest ball that holds the row, 1 where none does. Only comparisons
  // count; a squared distance from the pixels that are not 0 is compared, and those too close to call are counted.
  function inne({ levels, images, places, radii, values, balls }, d) {
    const count = images.length / d, sparse = Array.from({ length: count }, (_, c) => {
      const pixels = Uint16Array.from({ length: d }, (_u, i) => i).filter((i) => images[c * d + i]);
      const own = Float64Array.from(pixels, (i) => levels[images[c * d + i]]);
      return { pixels, own, square: own.reduce((sum, v) => sum + v * v, 0) };
    });
    const largest = Math.max(...sparse.map(({ square }) => square)), samples = radii.length / balls;
    const distances = new Float64Array(count);
    const scorer = {
      d,
      undecided: 0,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) {
          let norm = 0;
          for (let i = 0; i < d; i += 1) norm += rows[r * d + i] * rows[r * d + i];
          for (let c = 0; c < count; c += 1) {
            const { pixels, own, square } = sparse[c];
            let product = 0;
            for (let k = 0; k < pixels.length; k += 1) product += rows[r * d + pixels[k]] * own[k];
            distances[c] = norm + square - 2 * product;
          }
          const close = 8 * (d + 4) * 2 ** -52 * (largest + norm);
          let total = 0;
          for (let t = 0; t < samples; t += 1) {
            let smallest = Infinity, value = 1;
            for (let k = t * balls; k < (t + 1) * balls; k += 1) {
              const outside = distances[places[k]] - radii[k];
              if (Math.abs(outside) <= close) scorer.undecided += 1;
              if (outside <= 0 && radii[k] < smallest) [smallest, value] = [radii[k], values[k]];
            }
            total += value;
          }
          out[r] = total / samples;
        }
      },
    };
    return scorer;
  }

  // The scorer of any detector on the free pixels: it completes the rows and scores them whole.
  function conditional(whole, free, reference) {
    const { d } = whole, fill = (rows, n) => {
      const full = new Float32Array(n * d);
      for (let r = 0; r < n; r += 1) {
        full.set(reference, r * d);
        for (let i = 0; i < free.length; i += 1) full[r * d + free[i]] = rows[r * free.length + i];
      }
      return full;
    };
    return {
      d: free.length,
      score: (rows, n, out) => whole.score(fill(rows, n), n, out),
      gradient: whole.gradient && ((row, out) => {
        const full = new Float32Array(d), score = whole.gradient(fill(row, 1), full);
        free.forEach((from, to) => { out[to] = full[from]; });
        return score;
      }),
    };
  }

  scope.anogenScorers = {
    // The scorer of an exported detector.
    make(detector) {
      const kinds = { cblof, hbos, iforest, tails, inne };
      const make = kinds[detector.kind];
      if (!make) throw new Error(`unknown kind of detector: ${detector.kind}`);
      return make(detector.arrays, detector.d);
    },
    // The scorer of the free pixels.
    condition: (scorer, free, reference) =>
      scorer.condition ? scorer.condition(free, reference) : conditional(scorer, free, reference),
  };
});
