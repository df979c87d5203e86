/** Figures of predictions at any threshold, as `training/evaluate.py` works them out, so that a
 * slider can move them all without asking the server. */

const Z = 1.959964; // of a two-sided 95 % interval

/** @typedef {{image: number | null, label: 1 | -1, now: number, probability: number, claimable: boolean}} Judged */
/** @typedef {import("../evaluation.js").Estimate} Estimate */

/** Whether a prediction counts as present. @param {Judged} judged */
export const isPresent = (judged, threshold) => judged.claimable && judged.probability >= threshold;

/** @param {Judged[]} predictions */
export function figuresAt(predictions, threshold) {
  let [hits, claimed, support] = [0, 0, 0];
  for (const judged of predictions) {
    const present = isPresent(judged, threshold);
    claimed += present;
    support += judged.label > 0;
    hits += present && judged.label > 0;
  }
  const both = support && claimed + support;
  return {
    hits, claimed, support,
    precision: wilson(hits, claimed),
    recall: wilson(hits, support),
    f1: wilson(hits, both / 2),
  };
}

/** A proportion with its interval (Wilson, 1927). @returns {Estimate} */
export function wilson(successes, trials) {
  if (trials <= 0) return { value: null, low: null, high: null };
  const share = successes / trials;
  const scale = 1 + Z ** 2 / trials;
  const centre = (share + Z ** 2 / (2 * trials)) / scale;
  const spread = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return { value: share, low: Math.max(0, centre - spread), high: Math.min(1, centre + spread) };
}

/** Precision over recall, a point for each probability at which they change; surest last.
 * @param {Judged[]} predictions surest first */
export function precisionRecall(predictions) {
  const support = predictions.filter((judged) => judged.label > 0).length;
  const points = [];
  let [hits, claimed] = [0, 0];
  const claimable = predictions.filter((judged) => judged.claimable);
  claimable.forEach((judged, at) => {
    claimed += 1;
    hits += judged.label > 0;
    if (claimable[at + 1]?.probability === judged.probability) return;
    if (support) points.push({ recall: hits / support, precision: hits / claimed, threshold: judged.probability });
  });
  return points;
}
