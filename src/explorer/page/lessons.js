// Lessons: a text, a starting point, a goal that the page recognises.

import { byId, h } from "/view.js";

const paragraphs = (text) => text.split(/\n\s*\n/).map((part) => h("p", {}, part));

/** The list of lessons. */
export function lessonList(lessons, open) {
  if (!lessons.length) return h("p", {}, "There is no folder scenarios/lessons where the explorer was started.");
  return h("ol", {}, lessons.map((lesson) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => open(lesson.key) }, lesson.title))));
}

/** The lesson at hand, above the diagram; true if its goal is reached. */
export function drawLesson(lessons, key, state, open) {
  const box = byId("lesson");
  const index = lessons.findIndex((lesson) => lesson.key === key);
  box.hidden = index < 0;
  if (index < 0) { box.replaceChildren(); return false; }
  const lesson = lessons[index];
  const done = state.goal.length > 0 && state.goal.every((goal) => goal.met);
  const next = lessons[index + 1];
  box.replaceChildren(
    h("h2", {}, `Lesson ${index + 1}: ${lesson.title}`),
    h("details", { open: !done }, h("summary", {}, "Text"), paragraphs(lesson.text)),
    h("p", { class: "task" }, h("strong", {}, "Your task: "), lesson.task),
    h("ul", { class: "goals" }, state.goal.map((goal) => h("li", { class: goal.met ? "met" : "" }, goal.met ? "✓ " : "○ ", goal.text))),
    done ? h("div", { id: "done", role: "status" }, h("strong", {}, "✓ Goal reached. "), paragraphs(lesson.done)) : h("details", {}, h("summary", {}, "Hint"), paragraphs(lesson.hint)),
    next ? h("button", { type: "button", onclick: () => open(next.key) }, `Next: ${next.title}`) : null);
  return done;
}
