// The same path under another reading, side by side, with the first difference marked.

import { ask } from "/net.js";
import { byId, h } from "/view.js";

const svg = (text) => document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
const told = (step) => step && JSON.stringify([step.effects, step.refuted, step.stand]);

/** The first step, counted from 1, that two runs take differently; null if none. */
export function firstDifference(a, b) {
  const most = Math.max(a.said.length, b.said.length);
  for (let i = 0; i < most; i += 1) if (told(a.said[i]) !== told(b.said[i])) return i + 1;
  return null;
}

function side(name, run, first) {
  const step = (said, index) => h("li", { class: first !== null && index + 1 === first ? "first-difference" : first !== null && index + 1 > first ? "after" : "" },
    h("strong", {}, index + 1 === first ? "first difference → " : "", said.words),
    h("ul", {}, said.effects.map((text) => h("li", {}, text)), said.refuted.map((n) => h("li", { class: "bad" }, `✗ ${n}`))));
  const red = run.claims.filter((claim) => claim.since !== null).map((claim) => claim.name);
  return h("div", {},
    h("h3", {}, name),
    h("p", { class: red.length ? "bad" : "" }, red.length ? `✗ ${red.join(", ")}` : "✓ nothing is violated"),
    h("div", { class: "drawing" }, svg(run.diagram)),
    h("ol", {}, run.said.map(step)),
    run.unfit ? h("p", { class: "bad" }, `Step ${run.unfit.number}, “${run.unfit.text}”: ${run.unfit.problem}`) : null);
}

/** Fills the dialog with both runs. */
export async function drawCompared(where, other) {
  const question = { source: where.source, path: where.path, all: true };
  const [a, b] = await Promise.all([
    ask("/api/state", { ...question, with: where.readings }),
    ask("/api/state", { ...question, with: [...where.readings, ...other] }),
  ]);
  const first = firstDifference(a, b);
  const name = (pairs) => pairs.length ? pairs.map((pair) => pair.join(" = ")).join(", ") : "as the model has it";
  byId("dialog-body").append(
    h("p", { id: "difference", role: "status" }, first === null ? "No step of this path is taken differently." : `They part at step ${first}.`),
    h("div", { class: "sides" }, side(name(where.readings), a, first), side(name(other), b, first)));
}

/** The choice of what to compare with. */
export function chooser(questions, dialects, rules, go) {
  const key = h("select", { id: "compare-key" }, h("option", { value: "dialect" }, "dialect"), questions.map((q) => h("option", { value: q.key }, q.key)));
  const word = h("select", { id: "compare-word" });
  const about = h("p", { id: "compare-about", class: "quiet" });
  const says = h("p", { id: "compare-says" });
  const chosen = () => questions.find((question) => question.key === key.value);
  const tell = () => {
    says.textContent = chosen()?.readings.find((reading) => reading.word === word.value)?.says ?? "";
  };
  const fill = () => {
    const question = chosen();
    const words = question ? question.readings.map((reading) => reading.word) : dialects;
    word.replaceChildren(...words.map((w) => h("option", { value: w }, rules[key.value] === w ? `${w} (in force)` : w)));
    about.textContent = question ? `${question.about} ${[question.section, ...question.questions].join(", ")}` : "";
    tell();
  };
  key.addEventListener("change", fill);
  word.addEventListener("change", tell);
  fill();
  return h("form", { class: "chooser", onsubmit: (event) => { event.preventDefault(); go(key.value, word.value); } },
    h("label", {}, "question ", key), about, h("label", {}, "reading ", word), says, h("button", {}, "Compare"));
}
