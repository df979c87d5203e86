/** How well a concept is known, in one word and one line, by what was measured. */
import { share } from "./words.js";

const FEW = 5;
const GOOD = 0.9;
const POOR = 0.7;
const MOST = 0.5;
const FAR = 0.2;

/**
 * @param {{name: string, positives: number}} concept
 * @param {{evaluation: {concepts: object[]}} | null} learnt
 * @returns {{level: "none" | "fair" | "good" | "poor", text: string}}
 */
export function health(concept, learnt) {
  const judged = learnt?.evaluation.concepts.find((one) => one.concept === concept.name);
  if (!judged) {
    return { level: "none", text: concept.positives ? "not learnt yet" : "mark some photos of it" };
  }
  if (judged.support < FEW) return { level: "fair", text: "few examples: mark more to be sure" };
  if (!judged.negatives) return { level: "fair", text: `mark some that are not ${concept.name}` };
  return judgement(judged.recall.value ?? 0, judged.precision.value ?? 0);
}

function judgement(recall, precision) {
  const figures = `finds ${share(recall)}, right in ${share(precision)}`;
  if (recall < POOR) return { level: "poor", text: `misses many: ${figures}` };
  if (precision < POOR) return { level: "poor", text: `often wrong: ${figures}` };
  return { level: Math.min(recall, precision) < GOOD ? "fair" : "good", text: figures };
}

/**
 * What the share of right answers leaves unsaid, where a concept does far worse: it is over all
 * concepts and photos together, and may count what was likeliest though not sure enough to be found.
 * @returns {string} how the weakest concept fails; empty where none does
 */
export function caveat({ accuracy, concepts }) {
  const bar = Math.min(POOR, (accuracy.value ?? 0) - FAR);
  const weak = concepts.filter((one) => one.support >= FEW && one.negatives && lowest(one) < bar)
    .sort((a, b) => lowest(a) - lowest(b));
  if (!weak.length) return "";
  const [one] = weak;
  const others = weak.length - 1;
  const rest = others ? `, and ${others} more ${others === 1 ? "is" : "are"} weak` : "";
  return `${failing(one)} ${one.concept}${rest}`;
}

const lowest = ({ recall, precision }) => Math.min(recall.value ?? 0, precision.value ?? 1);

function failing(one) {
  const isMostly = lowest(one) < MOST;
  if ((one.recall.value ?? 0) <= lowest(one)) return isMostly ? "misses most of" : "misses much of";
  return isMostly ? "is mostly wrong when it says" : "is often wrong when it says";
}
