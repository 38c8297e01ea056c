// Anomaly scores of fitted detectors, as in anogen/scorers/: each function below makes a scorer of the arrays that
// companion/live exported. A scorer has `d`, the length of a row, and `score(rows, n, out)`, which fills out (n) for
// rows (n, d) in float32; perhaps `condition(free, reference)`, which returns that of the free pixels if a part can be
// computed once, `gradient(row, out)`, which returns the score, and `compile`, which returns the same by the kernel. Sums
// are added in the order of the Python code, so that the scores have the same bits.
globalThis.anogenLive.parts.push((scope) => {
  const { sqrt } = Math, { complement, columns } = scope.anogenNumbers;

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
      bytes: () => 8 * (centres.length + m + d),
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
      const others = ["Isolation", "Tails", "Products", "Networks", "Autoencoder"].map((name) => scope[`anogen${name}`]);
      const kinds = Object.assign({ cblof, hbos }, ...others);
      const make = kinds[detector.kind];
      if (!make) throw new Error(`unknown kind of detector: ${detector.kind}`);
      return make(detector.arrays, detector.d);
    },
    // The scorer of the free pixels.
    condition: (scorer, free, reference) =>
      scorer.condition ? scorer.condition(free, reference) : conditional(scorer, free, reference),
  };
});
