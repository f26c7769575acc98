// What is drawn of a protocol of which only lines of text are known.

import { byId, h } from "/view.js";

/** How things stand: a line for each part, what the last step changed marked. */
export function drawLines(state) {
  const line = ([who, what, changed]) => h("tr", {}, h("th", { scope: "row" }, who),
    h("td", {}, changed ? [h("mark", {}, what), h("span", { class: "unseen" }, " (changed)")] : what));
  byId("servers").replaceChildren(h("h2", {}, "How things stand"), h("table", { class: "lines" }, h("tbody", {}, state.lines.map(line))));
  byId("rest").replaceChildren();
}

/** What has happened: a row for each step; it leads back there. */
export function drawSteps(state, onStep) {
  const rows = ["the beginning", ...state.steps.map((step) => step.text === "tick" ? "time passes" : step.text)];
  const row = (text, number) => {
    const red = number ? state.steps[number - 1].refuted : [];
    return h("li", { "data-step": number, class: number === rows.length - 1 ? "now" : null },
      h("button", { type: "button", class: "link", onclick: () => onStep(number) }, text), " ",
      h("span", { class: "at quiet" }), red.map((name) => h("span", { class: "bad" }, ` ✗ ${name}`)));
  };
  const box = byId("diagram");
  box.replaceChildren(h("ol", { start: "0", class: "steps" }, rows.map(row)));
  box.scrollTop = box.scrollHeight;
}
