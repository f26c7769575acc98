// A recording: the address bar has the number of the event; everything else is drawn from what the explorer answers.

import { ask } from "/net.js";
import { byId, dialog, drawDiagram, drawServers, h, keepTheme, toggleTheme } from "/view.js";

let opening;
let state = null;
let turn = 0;

/** The event in the address bar; null follows the latest one. */
const asked = () => {
  const found = /^#e=(\d+)$/.exec(location.hash);
  return found ? Number(found[1]) : null;
};

function go(number) {
  const most = state ? state.count : Infinity;
  const hash = `#e=${Math.max(0, Math.min(number, most))}`;
  if (hash === location.hash) load(); else location.hash = hash;
}

/** The latest event; of a recording that grows, whatever is the latest then. */
function latest() {
  if (!opening.grows) return go(state.count);
  history.pushState(null, "", `${location.pathname}${location.search}`);
  load();
}

async function load() {
  const mine = (turn += 1);
  const number = asked() ?? (opening.grows ? null : undefined);
  const question = { want: byId("want").value };
  // A recording that is whole opens at what went wrong first, or at its beginning.
  if (number !== null) question.number = number ?? firstPlace();
  try {
    const now = await ask("/api/moment", question);
    if (mine !== turn) return;
    state = now;
  } catch (error) {
    byId("notes").replaceChildren(h("p", {}, `The explorer does not answer that: ${error.message}`));
    return;
  }
  draw();
}

const firstPlace = () => opening.first ?? 0;

function draw() {
  byId("subtitle").textContent = [`event ${state.number} of ${state.count}`, state.at, opening.grows && asked() === null ? "following" : ""].filter(Boolean).join(" · ");
  document.title = `${state.number} · ${opening.title} · dhcpfo`;
  const dropped = state.dropped ? [`The first ${state.dropped} events are not kept any more.`] : [];
  byId("notes").replaceChildren(...[...state.notes, ...dropped].map((text) => h("p", {}, text)));
  drawDiagram(state, go, () => {});
  drawServers(state, { servers: state.before }, state.places);
  drawEvent();
  drawHolders();
  drawFindings();
  drawEvents();
  byId("back").disabled = byId("first").disabled = state.number <= state.dropped;
  byId("forward").disabled = byId("last-event").disabled = state.number >= state.count;
  byId("next-finding").disabled = !state.findings.some(([number]) => number > state.number);
  const last = state.last;
  byId("spoken").textContent = last ? `Event ${state.number}: ${last.words}. ${last.findings.map(([claim]) => `Violated: ${claim}.`).join(" ")}` : "The beginning.";
}

function drawEvent() {
  const last = state.last;
  if (!last) return byId("last").replaceChildren(h("h2", {}, "The beginning"));
  byId("last").replaceChildren(
    h("h2", {}, `Event ${state.number}: ${last.words}`),
    h("p", { class: "quiet" }, state.at, last.place ? ` · ${last.place}` : ""),
    ...last.findings.map(([claim, text]) => h("p", { class: "reason" }, h("strong", {}, `✗ ${claim}: `), text)),
    h("ul", { class: "effects" }, last.effects.map(([who, verb, text]) =>
      h("li", {}, h("span", { class: "who" }, who), " ", h("span", { class: "verb" }, verb), " ", text))),
    last.changes.length ? h("details", { open: last.changes.length < 8 }, h("summary", {}, `what is different (${last.changes.length})`),
      h("ul", {}, last.changes.map((text) => h("li", {}, text)))) : "");
}

function drawHolders() {
  const row = ([client, address, until, twice]) => h("li", { class: twice ? "bad" : "" }, `${address}: ${client}, ${until}`, twice ? " ✗ held twice" : "");
  byId("rest").replaceChildren(
    h("h2", {}, "What clients hold, as they were told"),
    state.holders.length ? h("ul", {}, state.holders.map(row)) : h("p", { class: "quiet" }, "Nothing is known."),
    h("p", { class: "quiet" }, `link ${state.link ? "up" : "down, or not heard of"}`));
}

function drawFindings() {
  const mark = { held: "✓", violated: "✗" };
  const light = (claim) => h("li", { class: claim.verdict === "violated" ? "broken" : claim.verdict === "held" ? "holds" : "" },
    h("button", { type: "button", title: claim.statement, onclick: () => explain(claim) }, `${mark[claim.verdict] ?? "?"} ${claim.name}`));
  const finding = ([number, claim, text]) => h("li", {},
    h("button", { type: "button", class: "link", onclick: () => go(number) }, `event ${number}: ✗ ${claim}`), h("span", { class: "quiet" }, ` ${text}`));
  const violated = state.claims.filter((claim) => claim.verdict === "violated").length;
  byId("claims").replaceChildren(
    h("h2", {}, "Claims and findings"),
    state.claims.length ? h("details", { open: state.claims.length <= 4 }, h("summary", {}, `${violated} of ${state.claims.length} claims violated`),
      h("ul", { class: "lights" }, state.claims.map(light))) : h("p", { class: "quiet" }, "No claim is judged here."),
    state.findings.length ? h("ol", { id: "findings" }, state.findings.map(finding)) : "");
}

function explain(claim) {
  dialog(claim.name, h("p", {}, claim.statement), h("p", { class: "quiet" }, claim.section), h("p", {}, `${claim.verdict}: ${claim.reason || "no occasion"}`));
}

function drawEvents() {
  const row = ([number, at, words, bad]) => h("li", {},
    h("button", { type: "button", class: number === state.number ? "event here" : "event", "data-event": number, "aria-current": number === state.number ? "true" : null, onclick: () => go(number) },
      h("span", { class: "quiet" }, `${number} · ${at} `), bad ? h("strong", { class: "bad" }, "✗ ") : "", words));
  byId("events").replaceChildren(...state.events.map(row));
  byId("found").textContent = state.events.length ? "" : "No event says that.";
  byId("events").querySelector(".here")?.scrollIntoView({ block: "nearest" });
}

const nextFinding = () => {
  const next = state.findings.find(([number]) => number > state.number);
  if (next) go(next[0]);
};

async function copy() {
  const link = `${location.href.split("#")[0]}#e=${state.number}`;
  try { await navigator.clipboard.writeText(link); byId("found").textContent = "The link is copied."; } catch {
    dialog("Link", h("p", {}, h("a", { href: link }, "A link to this event")));
  }
}

const HELP = [["u, ←", "one event back"], ["r, →", "one event forward"], ["Home, End", "to the beginning, to the latest event"], ["n", "to the next finding"], ["/", "list events that say …"], ["c", "copy a link"], ["Tab, Enter", "everything else"]];
const help = () => dialog("Keys", h("dl", {}, HELP.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
const back = () => go(state.number - 1);
const forward = () => go(state.number + 1);
const SHORTCUTS = { u: back, ArrowLeft: back, r: forward, ArrowRight: forward, Home: () => go(0), End: latest, n: nextFinding, c: copy, "?": help, "/": () => byId("want").focus() };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("dialog").open || event.target.matches("input, select, textarea") || !SHORTCUTS[event.key]) return;
  event.preventDefault();
  SHORTCUTS[event.key]();
});
for (const [id, action] of Object.entries({ first: () => go(0), back, forward, "last-event": latest, "next-finding": nextFinding, copy, theme: toggleTheme, help })) {
  byId(id).addEventListener("click", action);
}
byId("find").addEventListener("submit", (event) => { event.preventDefault(); load(); });
window.addEventListener("hashchange", () => load());
window.addEventListener("popstate", () => load());

keepTheme();
try {
  opening = await ask("/api/open");
  byId("title").textContent = opening.title;
  await load();
  document.documentElement.dataset.ready = "yes";
  // What grows is looked at again, one question at a time.
  if (opening.grows) {
    const again = async () => {
      if (asked() === null && !document.hidden) await load();
      setTimeout(again, 1000);
    };
    setTimeout(again, 1000);
  }
} catch (error) { byId("notes").replaceChildren(h("p", {}, `The explorer cannot be reached: ${error.message}`)); }
