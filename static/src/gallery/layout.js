/** Justified rows: every picture keeps its shape, every row fills the width. */

const NARROWEST = 0.5;
const WIDEST = 2.6;

/**
 * @typedef {object} Layout
 * @property {Float32Array} boxes x, y, width and height of each picture
 * @property {number[]} rows index of the first picture of each row
 * @property {number} height of all rows
 */

/** A picture's shape, within what a row can hold. */
export function ratioOf(width, height) {
  if (!width || !height) return 1;
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

/**
 * @param {number[]} ratios width / height of each picture
 * @param {{width: number, target: number, gap: number}} room
 * @returns {Layout}
 */
export function justify(ratios, { width, target, gap }) {
  const boxes = new Float32Array(ratios.length * 4);
  const rows = [];
  let top = 0;
  for (let start = 0; start < ratios.length;) {
    const { end, height } = nextRow(ratios, start, { width, target, gap });
    rows.push(start);
    let left = 0;
    for (let i = start; i < end; i += 1) {
      boxes.set([left, top, ratios[i] * height, height], i * 4);
      left += ratios[i] * height + gap;
    }
    top += height + gap;
    start = end;
  }
  return { boxes, rows, height: Math.max(0, top - gap) };
}

/** Take pictures until the row is as high as wanted, then decide whether one less comes closer. */
function nextRow(ratios, start, { width, target, gap }) {
  let sum = 0;
  let before = Infinity;
  for (let end = start; end < ratios.length; end += 1) {
    sum += ratios[end];
    const height = (width - (end - start) * gap) / sum;
    if (height <= target) {
      const isCloserWithout = end > start && before - target < target - height;
      return isCloserWithout ? { end, height: before } : { end: end + 1, height };
    }
    before = height;
  }
  return { end: ratios.length, height: Math.min(target, before) };
}

/** The pictures whose boxes reach into the stripe between two heights: [first, end). */
export function between(layout, top, bottom) {
  const { boxes, rows } = layout;
  if (!rows.length) return [0, 0];
  const yOf = (row) => boxes[rows[row] * 4 + 1];
  const endOf = (row) => yOf(row) + boxes[rows[row] * 4 + 3];
  let first = search(rows.length, (row) => endOf(row) >= top);
  let last = search(rows.length, (row) => yOf(row) > bottom);
  first = Math.min(first, rows.length - 1);
  last = Math.max(last, first + 1);
  return [rows[first], last < rows.length ? rows[last] : boxes.length / 4];
}

/** The picture one row up or down that lies nearest. */
export function neighbour(layout, index, rowStep) {
  const { boxes, rows } = layout;
  const row = search(rows.length, (r) => rows[r] > index) - 1;
  const other = row + rowStep;
  if (other < 0 || other >= rows.length) return index;
  const middle = boxes[index * 4] + boxes[index * 4 + 2] / 2;
  const end = other + 1 < rows.length ? rows[other + 1] : boxes.length / 4;
  let best = rows[other];
  let distance = Infinity;
  for (let i = rows[other]; i < end; i += 1) {
    const away = Math.abs(boxes[i * 4] + boxes[i * 4 + 2] / 2 - middle);
    if (away < distance) [best, distance] = [i, away];
  }
  return best;
}

/** Every picture whose box touches a rectangle. */
export function within(layout, { left, top, right, bottom }) {
  const [first, end] = between(layout, top, bottom);
  const found = [];
  for (let i = first; i < end; i += 1) {
    const [x, y, w, h] = layout.boxes.subarray(i * 4, i * 4 + 4);
    if (x < right && x + w > left && y < bottom && y + h > top) found.push(i);
  }
  return found;
}

/** The first number below `count` that satisfies; `count` when none does. */
function search(count, satisfies) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (satisfies(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
