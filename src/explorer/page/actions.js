// What can happen next: grouped by who does it, in words, with what it would change.

import { byId, h } from "/view.js";

const FIRST = ["time", "primary", "secondary", "link"];
const LAST = ["operator", "faults"];

function groups(actions) {
  const names = [...new Set(actions.map((action) => action.actor))];
  const middle = names.filter((name) => !FIRST.includes(name) && !LAST.includes(name)).sort();
  return [...FIRST, ...middle, ...LAST].filter((name) => names.includes(name))
    .map((name) => [name, actions.filter((action) => action.actor === name)]);
}

function preview(outcome) {
  const most = 3;
  const lines = outcome.changes.slice(0, most).map((line) => h("span", { class: "change" }, line));
  if (outcome.changes.length > most) lines.push(h("span", { class: "change" }, `… ${outcome.changes.length - most} more`));
  if (!outcome.changes.length) lines.push(h("span", { class: "change" }, "only deadlines change"));
  return [lines, outcome.refutes.map((name) => h("span", { class: "change bad" }, `✗ ${name}`))];
}

function button(action, outcome, key, take, words) {
  return h("button", { type: "button", class: "action", "data-step": outcome.step, title: outcome.changes.join("\n"), onclick: () => take(outcome.step) },
    h("span", { class: "words" }, key ? h("kbd", {}, key) : null, words ?? action.words), preview(outcome));
}

/** One outcome: a button. Several: each order of the new deadlines is one. */
function choice(action, key, take) {
  if (action.outcomes.length === 1) return h("li", {}, button(action, action.outcomes[0], key, take));
  const first = button(action, action.outcomes[0], key, take);
  const rest = action.outcomes.map((outcome, index) => h("li", {}, button(action, outcome, null, take, `${index + 1}. ${outcome.order}`)));
  return h("li", {}, first, h("details", { class: "orders" },
    h("summary", {}, `the order of the new deadlines is not known: ${action.outcomes.length} cases (the first is taken)`),
    h("ul", { class: "plain" }, rest)));
}

/** Draws the list, and gives the steps that the keys 1 to 9 stand for. */
export function drawActions(actions, take) {
  const keys = [];
  const whole = actions.filter((action) => !action.split);
  const split = actions.filter((action) => action.split);
  const keyed = (action) => {
    if (action.actor === "time") return "t";
    if (keys.length >= 9) return null;
    keys.push(action.outcomes[0].step);
    return String(keys.length);
  };
  const group = ([name, list]) => [h("h3", {}, name), h("ul", { class: "plain" }, list.map((action) => choice(action, keyed(action), take)))];
  byId("actions").replaceChildren(
    h("h2", {}, "What can happen next"),
    ...(actions.length ? [] : [h("p", {}, "Nothing: the budgets are used up, and no deadline lies ahead.")]),
    ...groups(whole).map(group).flat(),
    ...(split.length ? [h("details", {}, h("summary", {}, `crashes in the middle of a step (${split.length})`),
      h("ul", { class: "plain" }, split.map((action) => choice(action, null, take))))] : []));
  return keys;
}
