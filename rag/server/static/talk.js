// One exchange as it is shown: the question, the server's HTML of the answer, and what can be done with it.
import { lang, say } from "./words.js";
import * as side from "./side.js";

const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
// The verdicts on an answer and on a refusal, which quotes nothing, by the words for them.
const ANSWERED = { accurate: "accurate", inaccurate: "inaccurate", wrong_citation: "wrong_citation" };
const REFUSED = { inaccurate: "should_answer", accurate: "rightly_refused" };
const LONG = 300; // characters of a question
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function make(tag, className, text, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const button = (className, text, act, attributes = {}) => {
  const made = make("button", className, text, { type: "button", ...attributes });
  made.addEventListener("click", () => act(made));
  return made;
};

// Hidden controls are named, as the server names them in what it renders.
export const visible = (text) => text.replace(HIDDEN, (one) => `⟨U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

export async function post(path, fields) {
  const reply = await fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", "accept-language": lang },
    body: JSON.stringify(fields),
  });
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.error.message);
  return body;
}

function flash(made, text) {
  const before = made.dataset.label ?? made.textContent;
  made.dataset.label = before;
  made.textContent = text;
  clearTimeout(made.timer);
  made.timer = setTimeout(() => (made.textContent = before), 2500);
}

// A page on plain http has no navigator.clipboard: the older way needs a selection.
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make("textarea", "", "", { readonly: "", style: "position:fixed;opacity:0" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error(say.notCopied);
}

const copyTo = (made, text, done) => toClipboard(text).then(() => flash(made, done), () => flash(made, say.notCopied));

// The address that asks the same again: the question as it was understood needs no conversation.
export function permalink(turn) {
  const query = new URLSearchParams({ q: turn.reply?.turn?.question || turn.question });
  for (const [name, value] of Object.entries(turn.filters)) if (value) query.set(name, value);
  query.set("today", turn.today);
  query.set("g", turn.reply.generation);
  query.set("d", turn.reply.digest);
  return `${location.origin}${base}/?${query}`;
}

export function draw(turn) {
  const drawn = make("section", "yj-turn", "", { id: `turn-${turn.uid}` });
  const asked = make("div", "yj-question", visible(turn.question), { dir: "auto" });
  const filters = Object.entries(turn.filters).filter(([, value]) => value);
  if (filters.length) asked.append(make("small", "yj-asked-in", filters.map(([name, value]) => `${say[name] ?? ""} ${value}`).join(" · ")));
  if (turn.question.length > LONG) {
    asked.classList.add("yj-long"); // it scrolls, so that the answer is seen; whoever has no mouse needs to reach it
    asked.tabIndex = 0;
  }
  drawn.append(asked, make("div", "yj-reply"));
  return drawn;
}

export function stage(drawn, name, stop) {
  const place = drawn.querySelector(".yj-reply");
  const line = place.querySelector(".yj-waiting") ?? place.appendChild(make("p", "yj-waiting"));
  line.firstElementChild ?? line.append(make("span", "", "", { role: "status" }), button("", say.stop, stop));
  line.firstElementChild.textContent = say[name] ?? say.retrieving;
}

// Says that the last question comes first.
export const nudge = (drawn) => (drawn.querySelector(".yj-waiting > span").textContent = say.busy);

// Asks, and calls `heard` with each line of the reply; an error whose words are for the reader has them in `told`.
export async function messages(sent, signal, heard) {
  const reply = await fetch(`${base}/page/ask`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent), signal,
  });
  if (!reply.ok) throw Object.assign(new Error(), { told: (await reply.json()).error.message });
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (text + part.value).split("\n");
    text = lines.pop();
    lines.forEach((line) => heard(JSON.parse(line)));
  }
}

export function answer(drawn, turn, act) {
  const place = drawn.querySelector(".yj-reply");
  place.innerHTML = turn.reply.html; // escaped by the server
  const edit = place.querySelector(".yj-edit");
  edit?.addEventListener("click", () => rewrite(edit, act.ask));
  if (turn.reply.failed) return;
  place.append(tools(turn, drawn, act), make("div", "yj-next"), make("p", "yj-printonly", permalink(turn)));
  if (turn.next) next(drawn, turn.next, act.ask);
}

// 我理解为：… becomes a field; Enter asks what is in it, Esc leaves it as it was.
function rewrite(edit, ask) {
  const field = make("input", "yj-rewrite", "", { "aria-label": say.edit, title: say.edit, maxlength: "1000" });
  field.value = edit.textContent;
  edit.replaceWith(field);
  field.focus();
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      field.replaceWith(edit);
      edit.focus();
    } else if (event.key === "Enter" && field.value.trim()) {
      event.preventDefault();
      ask(field.value.trim());
    }
  });
}

function tools(turn, drawn, act) {
  const bar = make("div", "yj-tools", "", { role: "group" });
  if (turn.reply.copies.plain) bar.append(copying(turn));
  bar.append(
    button("", say.link, (made) => copyTo(made, permalink(turn), say.linkCopied)),
    button("", say.print, () => print(drawn)),
    ...(turn.reply.courtesy ? [] : [button("", turn.reply.refused ? say.why : say.how, () => why(turn)), ...feedback(turn, act)]),
  );
  return bar;
}

function copying(turn) {
  const menu = make("details", "yj-menu");
  const head = make("summary", "", say.copy);
  const kinds = make("div");
  for (const kind of ["plain", "markdown", "gbt7714"]) {
    kinds.append(
      button("", say[kind], () => {
        menu.open = false;
        copyTo(head, turn.reply.copies[kind], say.copied);
      }),
    );
  }
  menu.append(head, kinds);
  menu.addEventListener("toggle", () => menu.open && kinds.scrollIntoView({ block: "nearest" }));
  return menu;
}

function print(drawn) {
  document.body.classList.add("yj-print-one");
  drawn.classList.add("yj-print");
  const after = () => {
    document.body.classList.remove("yj-print-one");
    drawn.classList.remove("yj-print");
  };
  window.addEventListener("afterprint", after, { once: true });
  window.print();
}

function feedback(turn, act) {
  const group = make("span", "yj-verdicts", "", { role: "group", "aria-label": say.verdict });
  const said = make("form", "yj-said", "", { hidden: "" });
  const status = make("span", "yj-thanks", "", { role: "status" });
  const store = async (fields) => {
    turn.feedback = { ...turn.feedback, ...fields };
    try {
      await post("/api/feedback", {
        id: turn.uid, token: turn.token ?? turn.uid, question: turn.question, understood_as: turn.reply.turn.question, turns: turn.earlier, filters: turn.filters,
        today: turn.today, generation: turn.reply.generation, answer: turn.reply.answer, ...turn.feedback,
      });
      status.textContent = say.thanks;
      act.save();
    } catch (error) {
      status.textContent = error instanceof TypeError ? say.lost : error.message;
    }
  };
  const verdicts = Object.entries(turn.reply.refused ? REFUSED : ANSWERED).map(([verdict, word]) =>
    button("", say[word], (made) => {
      verdicts.forEach((other) => other.setAttribute("aria-pressed", String(other === made)));
      said.hidden = false;
      said.scrollIntoView({ block: "nearest" });
      store({ verdict });
    }, { "aria-pressed": String(turn.feedback?.verdict === verdict) }),
  );
  const comment = make("textarea", "", "", { rows: "1", maxlength: "2000", "aria-label": say.comment, placeholder: say.comment });
  const expected = make("input", "", "", { maxlength: "500", "aria-label": say.expected, placeholder: say.expected });
  said.append(comment, expected, make("button", "", say.sendComment));
  said.addEventListener("submit", (event) => {
    event.preventDefault();
    store({ comment: comment.value.trim(), expected: expected.value.trim() });
    said.hidden = true;
  });
  group.append(...verdicts, status);
  return [group, said];
}

function why(turn) {
  const form = make("form", "yj-why");
  const field = make("input", "", "", { maxlength: "200", "aria-label": say.whyExpected, placeholder: say.whyExpected });
  const place = make("div", "", say.loading);
  const look = async () => {
    try {
      const fields = { question: turn.reply.turn.question, ...turn.filters, today: turn.today, expected: field.value.trim() };
      place.innerHTML = (await post(`/page/why?lang=${lang}`, fields)).html; // escaped by the server
    } catch (error) {
      place.textContent = error instanceof TypeError ? say.lost : error.message;
    }
  };
  form.append(field, make("button", "", say.whyAsk));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  side.open(turn.reply.refused ? say.why : say.how, [form, place]);
  look();
}

export function next(drawn, questions, ask, head = say.next) {
  const place = drawn.querySelector(".yj-next");
  if (!place || !questions.length) return;
  place.replaceChildren(make("span", "yj-soft", head), ...questions.map((question) => button("yj-example", question, () => ask(question))));
}

export async function nextOf(turn) {
  const found = [];
  for (const ident of turn.reply.articles.slice(0, 2)) {
    const reply = await fetch(`${base}/page/articles/${ident}/next?asked=${encodeURIComponent(turn.reply.turn.question)}`);
    if (reply.ok) found.push(...(await reply.json()).questions);
  }
  return [...new Set(found)];
}
