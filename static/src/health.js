/** How well a concept is known, in one word and one line, by what was measured. */
import { share } from "./words.js";

const FEW = 5;
const GOOD = 0.9;
const POOR = 0.7;

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
