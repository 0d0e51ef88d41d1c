// Temperature, top-k, top-p and min-p over a row of logits, as `helpers.reference.decoding` has them, and a draw from what is left.

/** Ids by falling logit; of tied ones the lowest first. Temperature does not change it, and every cut keeps its beginning. */
export function likelyFirst(logits) {
  return Uint32Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
}

/** Scores become shares, in float64; the highest is subtracted first, so exp cannot overflow. */
export function softmax(logits) {
  const highest = logits.reduce((a, b) => Math.max(a, b)), grown = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const total = grown.reduce((a, b) => a + b);
  return grown.map((one) => one / total);
}

/** Temperature, top-k (0: all), top-p, min-p: how many tokens of `order` are left after each, which share of the mass each
 * cut off (of the whole at this temperature), and the probability of what is left, likeliest first. */
export function cut(logits, order, { temperature, top_k, top_p, min_p }) {
  const shares = new Float64Array(order.length);
  const scaled = (i) => logits[order[i]] / temperature;
  const sum = (end) => { let total = 0; for (let i = end - 1; i >= 0; i -= 1) total += shares[i]; return total; };
  const top = scaled(0);
  for (let i = 0; i < shares.length; i += 1) shares[i] = Math.exp(scaled(i) - top);
  const sums = [sum(shares.length)];
  const left = [shares.length];

  let end = top_k ? Math.min(top_k, shares.length) : shares.length;
  while (end < shares.length && scaled(end) === scaled(end - 1)) end += 1; // all that are tied with the k-th stay
  left.push(end); sums.push(sum(end));

  if (top_p < 1) { // summed from the unlikely end, as transformers does
    for (let tail = 0; end > 1; end -= 1) {
      tail += shares[end - 1] / sums[1];
      if (tail > 1 - top_p) break;
    }
  }
  left.push(end); sums.push(sum(end));

  const floor = min_p * (shares[0] / sums[2]);
  while (end > 1 && shares[end - 1] / sums[2] < floor) end -= 1;
  left.push(end); sums.push(sum(end));
  const masses = sums.map((total, i) => (i ? (sums[i - 1] - total) / sums[0] : 0));
  return { left, masses, kept: sums[3] / sums[0], probabilities: shares.subarray(0, end).map((share) => share / sums[3]) };
}

/** A number from 0 to 1 that a seed and a place always give again (mulberry32). */
export function chance(seed, place) {
  let a = (seed * 1013 + place * 7919 + 0x6d2b79f5) | 0;
  a = Math.imul(a ^ (a >>> 15), a | 1);
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61);
  return ((a ^ (a >>> 14)) >>> 0) / 4294967296;
}

/** Laid end to end, the probabilities cover the line from 0 to 1: the rank of the one that a chance falls on. */
export function fallsOn(probabilities, luck) {
  let [rank, sum] = [0, probabilities[0]];
  while (sum <= luck && rank < probabilities.length - 1) { rank += 1; sum += probabilities[rank]; }
  return rank;
}
