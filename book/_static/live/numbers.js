// What several scorers need: columns of matrices, and numbers of twice the length of float64.
globalThis.anogenLive.parts.push((scope) => {
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

  const LN2 = [0.6931471805599453, 2.3190468138462996e-17]; // and its remainder

  scope.anogenNumbers = { complement, columns, twoProduct, twoSum, LN2 };
});
