// The page: the address bar is the only state; everything else is drawn from what the explorer answers for it.

import { ask, fragment, place } from "/net.js";
import { byId, dialog, drawClaims, drawDiagram, drawLast, drawOrder, drawRest, drawServers, drawTimes, h, keepTheme, toggleTheme as theme } from "/view.js";
import { drawLines, drawSteps } from "/text.js";
import { drawActions } from "/actions.js";
import { chooser, drawCompared } from "/compare.js";
import { drawLesson, lessonList } from "/lessons.js";

let opening;
let where = { source: "main", readings: [], other: [], path: [] };
let state = null;
let keys = [];
let undone = [];
let turn = 0;

const source = (key) => key === "main" ? opening.main : opening.lessons.find((lesson) => lesson.key === key);

function go(path, change = {}) {
  const next = { ...where, other: [], ...change, path };
  const hash = fragment(next);
  if (hash === location.hash) load(); else location.hash = hash;
}

const take = (step) => { undone = []; go([...where.path, step]); };
const open = (key) => { byId("dialog").close(); undone = []; go(source(key)?.start ?? [], { source: key, readings: source(key)?.with ?? [] }); };

function notes(...texts) {
  byId("notes").replaceChildren(...texts.filter(Boolean).map((text) => h("p", {}, text)));
}

async function load(all = false) {
  const mine = (turn += 1);
  const asked = place(location.hash);
  const known = source(asked.source) ? asked.source : "main";
  const path = asked.path ?? source(known).start;
  // What has readings of its own begins with them.
  const readings = asked.path === null && !asked.readings.length ? source(known).with : asked.readings;
  where = { ...asked, source: known, path, readings };
  const question = { source: known, with: where.readings, path, all };
  try {
    const now = await ask("/api/state", question);
    if (mine !== turn) return;
    state = now;
  } catch (error) {
    return notes(`The explorer does not answer that: ${error.message}`);
  }
  const unfit = state.unfit && `Step ${state.unfit.number}, “${state.unfit.text}”, does not fit: ${state.unfit.problem}. Shown is everything before it.`;
  const strange = asked.source !== known && `There is no lesson “${asked.source}” here.`;
  where.path = state.path;
  notes(strange, unfit, ...(path.length <= source(known).start.length ? source(known).notes : []));
  draw(null);
  if (where.other.length) compared();
  // Longer paths are given none.
  if (state.path.length > opening.bounds.timed) return;
  try {
    const times = await ask("/api/times", { ...question, path: state.path });
    if (mine !== turn) return;
    draw(times);
  } catch { /* No times: the order stands. */ }
}

function draw(times) {
  const before = state.before;
  const places = times?.places ?? null;
  const title = source(where.source);
  byId("title").textContent = title.title;
  const readings = where.readings.map((pair) => pair.join(" = ")).join(", ");
  byId("subtitle").textContent = [title.path, title.lengths.join(", "), readings && `with ${readings}`].filter(Boolean).join(" · ");
  document.title = `${state.path.length} · ${title.title} · dhcpfo`;
  drawOrder(state, places);
  if (state.lines) drawLines(state);
  else {
    drawServers(state, before, places);
    drawRest(state, before, places);
  }
  if (times) return drawTimes(state, times);
  byId("times").replaceChildren();
  drawClaims(state, explain);
  drawLast(state, compareWith);
  const back = (steps) => go(state.path.slice(0, steps));
  if (state.lines) drawSteps(state, back); else drawDiagram(state, back, () => load(true));
  const done = drawLesson(opening.lessons, where.source, state, open);
  keys = drawActions(state.actions, take);
  byId("undo").disabled = byId("restart").disabled = !state.path.length;
  byId("redo").disabled = !undone.length;
  byId("found").textContent = "";
  const last = state.last;
  const said = last ? `Step ${state.path.length}: ${last.words}. ${last.effects.length} effects.` : "The beginning.";
  const red = last?.refuted?.length ? ` Violated: ${last.refuted.join(", ")}.` : "";
  byId("spoken").textContent = said + red + (done ? " The goal is reached." : "");
  fillWants();
}

function fillWants() {
  const words = [...state.witnesses.map((w) => w.name), ...state.claims.map((c) => c.name), ...(state.lines ? [] : ["primary PARTNER-DOWN", "client 1 a0", "a0 secondary ACTIVE 0", "link down"])];
  byId("wants").replaceChildren(...words.map((word) => h("option", { value: word })));
}

function explain(claim) {
  dialog(claim.name, h("p", {}, claim.statement), h("p", { class: "quiet" }, claim.section),
    claim.limits ? h("p", {}, `What it does not say: ${claim.limits}`) : null, claim.why ? h("p", { class: "reason" }, claim.why) : null);
}

const compareWith = (key, word) => go(state.path, { other: [[key, word]] });

async function compared() {
  const rules = state.servers[0].rules;
  dialog("The same path under another reading", chooser(opening.questions, opening.dialects, rules, compareWith));
  try { await drawCompared({ ...where, path: state.path }, where.other); } catch (error) {
    byId("dialog-body").append(h("p", { class: "bad" }, error.message));
  }
}

async function search(want) {
  byId("cancel").hidden = false;
  byId("found").textContent = "Searching …";
  try {
    const found = await ask("/api/find", { source: where.source, with: where.readings, path: state.path, want });
    const count = (n) => n.toLocaleString("en");
    if (found.steps) {
      const steps = found.steps.length;
      if (!steps) byId("found").textContent = "That is so here already.";
      else { undone = []; await arrive([...state.path, ...found.steps], `A shortest path: ${steps} steps.`); }
    } else if (found.none) byId("found").textContent = `There is none within the budgets that are left: all ${count(found.states)} states were looked at.`;
    else byId("found").textContent = `Not known: ended by ${found.bound} after ${count(found.states)} states.`;
  } catch (error) { byId("found").textContent = error.message; }
  byId("cancel").hidden = true;
}

/** Goes somewhere and says so there. */
async function arrive(path, words) {
  history.pushState(null, "", fragment({ ...where, other: [], path }));
  await load();
  byId("found").textContent = words;
}

async function save() {
  try {
    const { text } = await ask("/api/scenario", { source: where.source, with: where.readings, path: state.path });
    const link = h("a", { href: `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`, download: "found.toml" }, "Download found.toml");
    dialog("As a scenario", h("p", {}, link, ", then ", h("code", {}, "dhcpfo play found.toml")), h("pre", {}, text));
  } catch (error) { dialog("As a scenario", h("p", { class: "bad" }, error.message)); }
}

async function copy() {
  try { await navigator.clipboard.writeText(location.href); byId("found").textContent = "The link is copied."; } catch {
    dialog("Link", h("p", {}, h("a", { href: location.href }, "A link to this state")), h("pre", {}, decodeURI(location.href)));
  }
}

function undo() {
  if (!state.path.length) return;
  undone.push(state.path[state.path.length - 1]);
  go(state.path.slice(0, -1));
}

function redo() {
  const step = undone.pop();
  if (step) go([...state.path, step]);
}

const HELP = [["1 to 9", "the actions with these numbers"], ["t", "time passes"], ["u, r", "undo, redo"], ["Home", "to the beginning"], ["n", "search for the nearest violation"], ["/", "find a state where …"], ["d", "compare with another reading"], ["s", "save as a scenario"], ["c", "copy a link"], ["l", "lessons"], ["Tab, Enter", "everything else"]];
const help = () => dialog("Keys", h("dl", {}, HELP.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
const lessons = () => dialog("Lessons", lessonList(opening.lessons, open), where.source === "main" ? "" : h("p", {}, h("button", { type: "button", onclick: () => open("main") }, `Back to ${opening.main.path}`)));
const compare = () => opening.questions.length && dialog("The same path under another reading", chooser(opening.questions, opening.dialects, state.servers[0].rules, compareWith));

const SHORTCUTS = { u: undo, r: redo, Home: () => go([]), n: () => search(""), d: compare, s: save, c: copy, l: lessons, "?": help,
  "/": () => byId("want").focus(), t: () => state.actions.some((a) => a.actor === "time") && take("tick") };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("dialog").open || event.target.matches("input, select, textarea")) return;
  const step = /^[1-9]$/.test(event.key) ? keys[Number(event.key) - 1] : null;
  if (!step && !SHORTCUTS[event.key]) return;
  event.preventDefault();
  if (step) take(step); else SHORTCUTS[event.key]();
});

for (const [id, action] of Object.entries({ undo, redo, save, copy, theme, help, lessons, compare, restart: () => go([]), nearest: () => search(""), cancel: () => ask("/api/cancel") })) {
  byId(id).addEventListener("click", action);
}
byId("find").addEventListener("submit", (event) => { event.preventDefault(); search(byId("want").value); });
byId("dialog").addEventListener("close", () => { if (place(location.hash).other.length) go(state.path); });
window.addEventListener("hashchange", () => load());
window.addEventListener("popstate", () => { if (fragment(where) !== location.hash) load(); });

keepTheme();
try {
  opening = await ask("/api/open");
  byId("compare").hidden = !opening.questions.length;
  await load();
  document.documentElement.dataset.ready = "yes";
} catch (error) { notes(`The explorer cannot be reached: ${error.message}`); }
