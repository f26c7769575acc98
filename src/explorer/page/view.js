// The state, drawn.

/** An element. Text is never taken for markup. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Opens the dialog with something in it. */
export function dialog(title, ...body) {
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(...body.filter(Boolean));
  if (!byId("dialog").open) byId("dialog").showModal();
}

/** Light or dark, as it was chosen earlier. */
export function keepTheme() {
  try { const kept = localStorage.getItem("theme"); if (kept) document.documentElement.dataset.theme = kept; } catch { /* None kept. */ }
}

/** The other of the two. */
export function toggleTheme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", document.documentElement.dataset.theme); } catch { /* It is only a preference. */ }
}

/** Marks what is different from before, for the eye and for a screen reader. */
function differs(text, is, was) {
  if (was === undefined || is === was) return text;
  return [h("mark", { title: `before: ${was ?? "nothing"}` }, text), h("span", { class: "unseen" }, " (changed)")];
}

export function drawClaims(state, explain) {
  const red = state.claims.filter((claim) => claim.since !== null);
  const green = state.claims.length - red.length;
  const light = (claim) => h("li", { class: claim.since === null ? "holds" : claim.now ? "broken now" : "broken" },
    h("button", { type: "button", onclick: () => explain(claim), title: claim.statement },
      claim.since === null ? "✓ " : "✗ ", claim.name, claim.since !== null && !claim.now ? " (earlier)" : null));
  const reasons = red.map((claim) => h("p", { class: "reason" }, h("strong", {}, `✗ ${claim.name}: `), claim.why));
  byId("claims").replaceChildren(
    h("h2", {}, "Claims"),
    ...reasons,
    h("details", { open: state.claims.length <= 8 },
      h("summary", {}, red.length ? `${red.length} violated, ${green} not` : green === 1 ? "one claim, not violated" : `${green} claims, none violated`),
      h("ul", { class: "lights" }, state.claims.map(light))),
  );
}

export function drawOrder(state, places) {
  const box = (entry) => {
    const real = places?.[entry.at] ?? null;
    return h("li", { class: entry.at === "now" ? "now" : entry.at === "sometime" ? "sometime" : "ahead" },
      h("span", { class: "label" }, entry.at, real && h("span", { class: "real" }, real)),
      entry.names.length ? [" ", entry.names.map((name, place) => [place ? h("span", { class: "tie" }, entry.at === "sometime" ? ", " : " = ") : null, h("span", { class: "name" }, name)])] : null);
  };
  byId("order").replaceChildren(h("li", { class: "past" }, h("span", { class: "label" }, "past")), ...state.order.map(box));
}

const SERVICE = { Silent: "none are answered", RenewOnly: "renewals only", Balanced: "balanced", Responsive: "all are answered" };
const TIMES = ["ends", "sent", "acked", "received", "rests"];

function binding(is, was, places, times) {
  const time = (key) => {
    const label = is[key];
    const real = places?.[label] && h("span", { class: "real" }, places[label]);
    // What is counted from now is different each time; that it is there at all says more.
    return h("td", { class: "time" }, differs(label ?? "–", label === null, was ? was[key] === null : undefined), real || null);
  };
  // Clients of models are numbers, those of recordings have longer names and a line of their own.
  const named = (b) => b.client === null ? "" : typeof b.client === "number" ? ` client ${b.client}` : ` ${b.client}`;
  const client = named(is);
  const before = was && `${was.status}${named(was)}`;
  return h("tr", {},
    h("th", { scope: "row" }, is.address),
    h("td", {}, differs(`${is.status}${client}`, `${is.status}${client}`, before || undefined),
      h("span", { class: "real" }, differs(is.partner, is.partner, was?.partner), is.reclaiming ? " asked back" : "")),
    ...times.map(time));
}

/** Facts are pairs; undefined where there is nothing to compare with. */
const factOf = (was, what) => was?.facts?.length ? was.facts.find(([other]) => other === what)?.[1] ?? null : undefined;

function server(is, was, places) {
  const condition = is.condition;
  // Names of clients and addresses are long in recordings, and few addresses have to rest.
  const times = is.facts && !is.bindings.some((b) => b.rests) ? TIMES.slice(0, -1) : TIMES;
  return h("article", { class: `card c-${condition.toLowerCase()}` },
    h("h3", {}, is.name, " ", h("span", { class: "condition" }, differs(condition, condition, was?.condition))),
    h("p", { class: "quiet" },
      is.recorded && is.recorded !== condition ? `recorded ${is.recorded}; ` : "",
      is.partner ? ["partner: ", differs(is.partner, is.partner, was?.partner ?? undefined), "; "] : "",
      is.service ? `clients: ${SERVICE[is.service] ?? is.service}` : "", is.due ? "; something is due" : "",
      (is.facts ?? []).map(([what, how], index) => [index ? "; " : "", `${what}: `, differs(how, how, factOf(was, what))])),
    h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `bindings of the ${is.name}` }, h("table", {},
      h("caption", { class: "unseen" }, `bindings of the ${is.name}`),
      h("thead", {}, h("tr", {}, ["", "status", ...times].map((t) => t ? h("th", { scope: "col" }, t) : h("td")))),
      h("tbody", {}, is.bindings.map((b) => binding(b, was?.bindings.find((other) => other.address === b.address), places, times))))),
    is.more ? h("p", { class: "quiet" }, `and ${is.more} more addresses`) : null);
}

export function drawServers(state, before, places) {
  byId("servers").replaceChildren(h("h2", {}, "Servers and bindings"),
    ...state.servers.map((s, i) => server(s, before?.servers[i], places)));
}

export function drawRest(state, before, places) {
  const client = (is, index) => {
    const was = before?.clients[index];
    const text = is.holds ? `${is.holds} from the ${is.from}, ends ${is.ends}${places?.[is.ends] ? ` ${places[is.ends]}` : ""}` : "no address";
    return h("li", {}, `client ${is.number}: `, differs(text, is.holds, was ? was.holds : undefined), is.waits ? " (waits)" : "");
  };
  const left = (budget) => h("li", {}, `${budget.name}: ${budget.left} of ${budget.of}`);
  byId("rest").replaceChildren(
    h("div", { class: "columns" },
      h("div", {}, h("h2", {}, "Clients"), h("ul", {}, state.clients.map(client))),
      h("div", {}, h("h2", {}, "Under way"),
        h("ul", {},
          h("li", {}, "link ", differs(state.link ? "up" : "down", state.link, before?.link)),
          state.flying.map((m) => h("li", {}, `to ${m.to}: ${m.text}`)),
          state.packets.map((p) => h("li", {}, p)))),
      h("div", {}, h("h2", {}, "Budgets left"), h("ul", {}, state.budgets.map(left)))));
}

export function drawLast(state, compareWith) {
  const last = state.last;
  if (!last) return byId("last").replaceChildren();
  const otherwise = (key, reading) => h("li", {},
    h("button", { type: "button", class: "small", onclick: () => compareWith(key, reading.word) }, reading.word), " ", reading.says);
  byId("last").replaceChildren(
    h("h2", {}, `Step ${state.path.length}: ${last.words}`),
    h("ul", { class: "effects" }, last.effects.map(([who, verb, text]) =>
      h("li", {}, h("span", { class: "who" }, who), " ", h("span", { class: "verb" }, verb), " ", text))),
    ...(last.cites.length ? [h("h2", {}, "Rules behind it")] : []),
    ...last.cites.map((cite) => h("details", {},
      h("summary", {}, `${cite.about} `, h("span", { class: "quiet" }, [cite.section, ...cite.questions, cite.who].join(", "))),
      h("p", {}, h("code", {}, `${cite.key} = ${cite.reading.word}`), " ", cite.reading.says),
      h("p", { class: "quiet" }, "With another reading this step comes out otherwise:"),
      h("ul", {}, cite.otherwise.map((reading) => otherwise(cite.key, reading))))));
}

/** The drawing comes from the explorer itself, which escapes all text in it. */
export function drawDiagram(state, onStep, showAll) {
  const box = byId("diagram");
  const drawing = new DOMParser().parseFromString(state.diagram, "image/svg+xml").documentElement;
  const parts = [document.importNode(drawing, true)];
  if (state.earlier > 0) {
    parts.unshift(h("button", { type: "button", onclick: showAll }, `Show ${state.earlier} earlier rows`));
  }
  box.replaceChildren(...parts);
  for (const row of box.querySelectorAll("[data-step]")) {
    const index = Number(row.dataset.step);
    if (index === state.rowSteps.length - 1) row.classList.add("now");
    row.addEventListener("click", () => onStep(state.rowSteps[index]));
  }
  box.scrollTop = box.scrollHeight;
}

/** Writes real times beside the rows. */
export function drawTimes(state, times) {
  const note = byId("times");
  if (times.why) {
    note.replaceChildren(h("details", {}, h("summary", {}, "no real times for this path"), h("pre", {}, times.why)));
    return;
  }
  note.replaceChildren(state.path.length ? `With real lengths, now is ${times.end}.` : "");
  for (const row of byId("diagram").querySelectorAll("[data-step]")) {
    const step = state.rowSteps ? state.rowSteps[Number(row.dataset.step)] : Number(row.dataset.step);
    const at = row.querySelector(".at");
    if (at) at.textContent = step === 0 ? "0:00:00" : times.at[step - 1] ?? "";
  }
}
