// IForest and INNE, as in anogen/scorers/iforest.py and inne.py.
globalThis.anogenLive.parts.push((scope) => {
  const { twoProduct, twoSum, LN2 } = scope.anogenNumbers;

  // 2^-x for x >= 0, by the operations of anogen/scorers/iforest.py; `powers` (32, 2) is 2^(-j/32) with its remainder.
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

  scope.anogenIsolation = { iforest, inne };
});
