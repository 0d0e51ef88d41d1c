// Beams: the search as in helpers/reference/decoding.py, and its tree as helpers/explorers/decoding.py draws it.

import { likelyFirst } from "../cuts.js";
import { fixed, label, repr, svg } from "./python.js";
import { strip } from "./readable.js";

const BLUE = "#0072b2", ORANGE = "#e69f00", GRAY = "#8a8a8a", ROW = 22, CHARACTER = 7.3;

/** The likeliest continuations of a beam by one token, no more than `most`. */
function continuations(beam, parent, logits, most) {
  const order = likelyFirst(logits), highest = logits[order[0]];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
  const likely = Array.from(order.subarray(0, most));
  return likely.map((id) => ({ ids: [...beam.ids, id], log_probability: beam.log_probability + logits[id] - highest - Math.log(total), parent }));
}

/** Texts that are likely as a whole: only the `beams` likeliest beginnings are continued, and `end` ends a text. { best, steps } */
export async function search(next_logits, ids, steps, beams, end) {
  let running = [{ ids, log_probability: 0, parent: 0 }], best = [];
  const history = [];
  for (let length = 1; length <= steps && running.length; length += 1) {
    const found = [];
    for (const [parent, beam] of running.entries()) {
      found.push(...continuations(beam, parent, await next_logits(beam.ids), 2 * beams));
    }
    // in a tie the earlier beam comes first, and within a beam the lower id, which is the order that they have already
    const candidates = found.sort((a, b) => b.log_probability - a.log_probability).slice(0, 2 * beams);
    const ends = (beam) => length === steps || beam.ids.at(-1) === end;
    running = candidates.filter((beam) => !ends(beam)).slice(0, beams);
    const finished = candidates.slice(0, beams).filter(ends);
    history.push({ candidates, running, finished });
    best.push(...finished.map((beam) => ({ ids: beam.ids, score: beam.log_probability / length })));
    best = best.sort((a, b) => b.score - a.score).slice(0, beams);
    if (best.length === beams && running.length && running[0].log_probability / length <= best.at(-1).score) break;
  }
  return { best: best[0], steps: history };
}

/** A search as a drawing, a group per step, and per step its texts: [text, bits, what becomes of it]. */
export async function tree({ best, steps: history }, prompt, decode) {
  const root = [...`… ${strip(await decode(prompt.slice(-3)))}`].slice(0, 26).join("");
  const isBest = (ids) => ids.every((id, i) => id === best.ids[i]);
  const drawn = [label(4, 16, root)], steps = [];
  let x = 16 + CHARACTER * [...root].length;
  let ends = [[x - 8, 11]]; // where the lines to the next step begin
  for (const [number, { candidates, running, finished }] of history.entries()) {
    const names = await Promise.all(candidates.map(async (beam) => repr(await decode([beam.ids.at(-1)]))));
    const column = x + 46, group = [], rows = [], behind = new Map();
    x = column + CHARACTER * (Math.max(...names.map((name) => [...name].length)) + 8);
    for (const [i, beam] of candidates.entries()) {
      const y = 11 + ROW * i, bits = -beam.log_probability / Math.log(2), [fromX, fromY] = ends[beam.parent];
      const state = running.includes(beam) ? "runs on" : finished.includes(beam) ? "finished" : "cut";
      const written = `${names[i]} ${fixed(bits, 1)}${state === "finished" ? " ■" : ""}`, width = CHARACTER * [...written].length;
      const path = `d='M${fixed(fromX, 0)} ${fixed(fromY, 0)}L${fixed(column - 5, 0)} ${y}'`;
      if (isBest(beam.ids)) {
        const box = `x="${fixed(column - 4, 0)}" y="${y - 10}" width="${fixed(width + 8, 0)}" height="20" rx="4"`;
        group.push(`<g class="best" stroke="${ORANGE}"><path ${path} stroke-width="6"/><rect ${box}/></g>`);
      }
      const line = state === "cut" ? `stroke="${GRAY}" stroke-dasharray="2 3"` : `stroke="${BLUE}" stroke-width="2"`;
      group.push(`<path ${path} ${line}/>`, label(column, y + 5, written, { weight: state === "cut" ? 400 : 700 }));
      rows.push([await decode(beam.ids.slice(prompt.length)), Number(fixed(bits, 3)), state]);
      behind.set(beam, [column + width + 4, y]);
    }
    drawn.push(`<g data-step="${number + 1}" fill="none">${group.join("")}</g>`);
    steps.push(rows);
    ends = running.map((beam) => behind.get(beam));
  }
  const said = `${repr(await decode(best.ids.slice(prompt.length)))}, ${fixed(-best.score / Math.log(2), 2)} bits per token`;
  const height = ROW * Math.max(...history.map(({ candidates }) => candidates.length)) + 4;
  return { steps, best: said, svg: svg(x, height, `A tree of beams. The best: ${said}`, drawn) };
}
