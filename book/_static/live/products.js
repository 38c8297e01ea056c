// Scores that end in matrix products in Python, whose order of summation JavaScript cannot repeat: GMM, KDE, KNN, OCSVM and
// PCA, as in anogen/scorers/, up to rounding. They have a gradient.
globalThis.anogenLive.parts.push((scope) => {
  const { exp, expm1, log, max, min, sqrt } = Math;

  // The values of points (m, d) that are not 0: those of point j at starts[j], ..., starts[j + 1] - 1, and their pixels.
  function sparse(values, d) {
    const m = values.length / d, starts = new Int32Array(m + 1), pixels = [], kept = [];
    for (let j = 0; j < m; j += 1) {
      for (let i = 0; i < d; i += 1) {
        const v = values[j * d + i];
        if (v) [pixels[kept.length], kept[kept.length]] = [i, v];
      }
      starts[j + 1] = kept.length;
    }
    return { m, starts, pixels: Uint16Array.from(pixels), kept: Float64Array.from(kept) };
  }

  // A score of the squared distances (m) of z = (x - mean) / scale to points: `total(squares)` returns it, and
  // `slopes(squares)` its derivatives.
  function distances(points, d, { total, slopes }, mean = new Float64Array(d), scale = new Float64Array(d).fill(1)) {
    const { m, starts, pixels, kept } = points, squares = new Float64Array(m), z = new Float64Array(d);
    function measure(rows, at) {
      let norm = 0;
      for (let i = 0; i < d; i += 1) {
        z[i] = (rows[at + i] - mean[i]) / scale[i];
        norm += z[i] * z[i];
      }
      for (let j = 0; j < m; j += 1) {
        let more = 0;
        for (let k = starts[j]; k < starts[j + 1]; k += 1) more += kept[k] * (kept[k] - 2 * z[pixels[k]]);
        squares[j] = max(0, norm + more);
      }
      return squares;
    }
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) out[r] = total(measure(rows, r * d));
      },
      gradient(row, out) {
        const slope = slopes(measure(row, 0)), pull = new Float64Array(d), sum = slope.reduce((a, b) => a + b, 0);
        for (let j = 0; j < m; j += 1) for (let k = starts[j]; k < starts[j + 1]; k += 1) pull[pixels[k]] += slope[j] * kept[k];
        for (let i = 0; i < d; i += 1) out[i] = (2 * (sum * z[i] - pull[i])) / scale[i];
        return total(squares);
      },
    };
  }
  const images = ({ levels, images: index }, d) => sparse(Float64Array.from(index, (k) => levels[k]), d);

  // KDE: the constant minus the logarithm of the sum of Gaussian kernels.
  function kde({ width, constant, ...rows }, d) {
    const precision = 1 / (width * width);
    const kernels = (squares) => {
      const nearest = squares.reduce((a, b) => min(a, b), Infinity);
      return { nearest, values: squares.map((square) => exp(((nearest - square) * precision) / 2)) };
    };
    const add = (values) => values.reduce((a, b) => a + b, 0);
    return distances(images(rows, d), d, {
      total(squares) {
        const { nearest, values } = kernels(squares);
        return constant + (nearest * precision) / 2 - log(add(values));
      },
      slopes(squares) {
        const { values } = kernels(squares), sum = add(values);
        return values.map((value) => (value * precision) / (2 * sum));
      },
    });
  }

  // KNN: the distance to the k-th nearest image.
  function knn({ k, ...rows }, d) {
    const last = (squares) => squares.slice().sort()[k - 1];
    return distances(images(rows, d), d, {
      total: (squares) => sqrt(last(squares)),
      slopes(squares) {
        const square = last(squares), slope = new Float64Array(squares.length);
        slope[squares.indexOf(square)] = square ? 1 / (2 * sqrt(square)) : 0;
        return slope;
      },
    });
  }

  // OCSVM: a constant minus the weighted sum of Gaussian kernels minus 1.
  function ocsvm({ weights, gamma, constant, ...rows }, d) {
    return distances(images(rows, d), d, {
      total: (squares) => squares.reduce((sum, square, j) => sum - weights[j] * expm1(-gamma * square), constant),
      slopes: (squares) => squares.map((square, j) => weights[j] * gamma * exp(-gamma * square)),
    });
  }

  // PCA: the weighted sum of the distances to the endpoints of the axes.
  function pca({ endpoints, weights, mean, scale }, d) {
    return distances(sparse(endpoints, d), d, {
      total: (squares) => squares.reduce((sum, square, j) => sum + weights[j] * sqrt(square), 0),
      slopes: (squares) => squares.map((square, j) => (square ? weights[j] / (2 * sqrt(square)) : 0)),
    }, mean, scale);
  }

  // GMM: the constant plus half the squared norm of (x - mean) P. P is upper triangular: a diagonal, and for the pixels that
  // vary the columns above it, one after the other, in steps of their own.
  function gmm({ mean, diagonal, varying, columns, steps, constant }, d) {
    const upper = new Float64Array(columns.length), first = Int32Array.from(varying, (_, j) => (j * (j - 1)) / 2);
    varying.forEach((_, j) => { for (let i = 0; i < j; i += 1) upper[first[j] + i] = columns[first[j] + i] * steps[j]; });
    const residual = new Float64Array(d), product = new Float64Array(d);
    function measure(rows, at) {
      for (let i = 0; i < d; i += 1) {
        residual[i] = rows[at + i] - mean[i];
        product[i] = residual[i] * diagonal[i];
      }
      const r = Float64Array.from(varying, (i) => residual[i]);
      for (let j = 1; j < r.length; j += 1) {
        const place = first[j];
        let total = 0;
        for (let i = 0; i < j; i += 1) total += r[i] * upper[place + i];
        product[varying[j]] += total;
      }
      return product.reduce((sum, v) => sum + v * v, 0) / 2 + constant;
    }
    return {
      d,
      score(rows, n, out) {
        for (let r = 0; r < n; r += 1) out[r] = measure(rows, r * d);
      },
      gradient(row, out) {
        const score = measure(row, 0);
        for (let i = 0; i < d; i += 1) out[i] = product[i] * diagonal[i];
        const pull = new Float64Array(varying.length);
        for (let j = 1; j < pull.length; j += 1) {
          const v = product[varying[j]];
          for (let i = 0; i < j; i += 1) pull[i] += v * upper[first[j] + i];
        }
        pull.forEach((v, i) => { out[varying[i]] += v; });
        return score;
      },
    };
  }

  scope.anogenProducts = { gmm, kde, knn, ocsvm, pca };
});
