// The page for frames. The conversation lives in this page's memory only: no cookie, and no storage unless the page around
// asks for it to be kept; then it lies in that of the tab.
const form = document.getElementById("form");
const box = document.getElementById("question");
const log = document.getElementById("log");
const send = document.getElementById("send");
const clear = document.getElementById("clear");
const welcome = document.getElementById("welcome");
const { lang, question: first, waiting, lost, keep, color, good, bad, thanks, shut } = document.body.dataset;
let { publisher, since } = document.body.dataset;
const KEPT = 10;
const LINED_UP = 5; // questions the page around may ask ahead
const STORED = "youju-conversation", MOST_STORED = 500_000; // characters
let turns = [];
let line = 0;
let last = Promise.resolve();

// A key and the reader's signed name come behind the #, which no browser sends to a server, and leave the address at once.
const secret = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const { key } = secret;
let { user, signature } = secret;
if (key || user) history.replaceState(null, "", location.pathname + location.search);
const headers = () => ({
  "content-type": "application/json",
  ...(key && { authorization: `Bearer ${key}` }),
  ...(user && { "x-youju-user": encodeURIComponent(user), "x-youju-signature": encodeURIComponent(signature || "none") }),
});

// The page around: it is spoken to only once its origin is known, and only if the server lists it.
const origins = new Set([location.origin, ...document.body.dataset.origins.split(" ")]);
let peer = "";
const tell = (message) => peer && window.parent.postMessage(message, peer);

function meet(origin) {
  if (window.parent === window || !origins.has(origin)) return false;
  const known = peer === origin;
  peer = origin;
  if (!known) tell({ youju: "ready" });
  return true;
}

function add(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  log.append(node);
  return node;
}

async function reply(question) {
  const response = await fetch(form.action, {
    method: "POST",
    credentials: "same-origin", // a frame of another site has no cookie to send
    headers: headers(),
    body: JSON.stringify({ question, history: turns, publisher, since, lang }),
  });
  const body = await response.json();
  if (response.status === 401 || response.status === 403) throw new Error(shut); // what is wrong is the page's, not the reader's
  if (!response.ok) throw new Error(body.error.message);
  return body;
}

// What readers say of an answer; saying it again changes it.
function judge(question, answer) {
  const id = token(), mine = token(), place = add("p", "verdict", "");
  const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));
  const citations = answer.citations.map((one) => pick(one, ["article_id", "title", "start", "end", "quote"]));
  const told = {
    id, token: mine, question, understood_as: answer.understood_as, generation: answer.index.generation,
    answer: { ...pick(answer, ["refused", "refusal", "confidence", "answer", "text", "as_of"]), citations },
    turns: turns.slice(0, -1).map((turn) => turn.question), filters: { publisher, since },
  };
  const say = (verdict) => async () => {
    const body = { ...told, verdict };
    const sent = await fetch(new URL("../api/feedback", form.action), { method: "POST", credentials: "same-origin", headers: headers(), body: JSON.stringify(body) }).catch(() => null);
    place.lastChild.textContent = sent?.ok ? thanks : lost;
  };
  for (const [label, verdict] of [[good, "accurate"], [bad, "inaccurate"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", say(verdict));
    place.append(button);
  }
  const said = document.createElement("span");
  said.role = "status";
  place.append(said);
}

const token = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Storage may be shut to frames: then nothing is kept.
function store() {
  if (!keep) return;
  const shown = [...log.querySelectorAll(":scope > .yj-question, :scope > .yj")].map((node) => [node.className, node.className === "yj-question" ? node.textContent : node.outerHTML]);
  const text = JSON.stringify({ user, turns, shown: shown.slice(-2 * KEPT) });
  try {
    if (turns.length && text.length <= MOST_STORED) sessionStorage.setItem(STORED, text);
    else sessionStorage.removeItem(STORED);
  } catch {}
}

function restore() {
  let kept = null;
  try {
    kept = keep && JSON.parse(sessionStorage.getItem(STORED));
  } catch {}
  if (!kept || kept.user !== user) return; // another reader's, at the same screen
  turns = kept.turns;
  for (const [kind, said] of kept.shown) {
    if (kind === "yj-question") add("div", kind, said);
    else log.insertAdjacentHTML("beforeend", said); // ours, as the server escaped it
  }
  welcome.hidden = true;
  clear.hidden = false;
}

async function ask(question) {
  welcome.hidden = true;
  clear.hidden = false;
  send.disabled = true;
  const asked = add("div", "yj-question", question);
  const place = add("div", "yj waiting", waiting), whose = user;
  place.scrollIntoView({ block: "end" });
  try {
    const { html, answer } = await reply(question);
    if (whose !== user) return; // it was another reader's question
    place.outerHTML = html; // escaped by the server, which also renders the other pages
    turns = [...turns, { question: answer.understood_as || question, answer: answer.answer }].slice(-KEPT);
    judge(question, answer);
    store();
    tell({ youju: "answer", question, answer });
  } catch (error) {
    place.textContent = error instanceof TypeError || error instanceof SyntaxError ? lost : error.message;
    tell({ youju: "answer", question, error: place.textContent });
  } finally {
    send.disabled = false;
  }
  asked.scrollIntoView({ block: "start" });
}

function lineUp(question) {
  const text = question.trim().slice(0, 1000);
  if (!text) return;
  if (line >= LINED_UP) {
    tell({ youju: "refused", question: text });
    return;
  }
  line += 1;
  last = last.then(() => ask(text)).finally(() => (line -= 1));
}

// What was said to one reader is not shown to the next.
function follow(data) {
  const [before, text] = [user, (name) => (typeof data[name] === "string" ? data[name].slice(0, 200) : "")];
  [publisher, since] = [text("publisher"), text("since")];
  if ("user" in data) [user, signature] = [text("user") || undefined, text("signature")];
  if (user !== before) forget();
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || typeof data?.youju !== "string" || !meet(origin)) return;
  if (data.youju === "open") box.focus();
  if (data.youju === "ask" && typeof data.question === "string") lineUp(data.question);
  if (data.youju === "close") document.activeElement?.blur();
  if (data.youju === "context") follow(data);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = box.value.trim();
  if (!question || send.disabled) return;
  box.value = "";
  lineUp(question);
});

box.addEventListener("keydown", (event) => {
  // Enter also ends the choice of a word in an input method: that must not send.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

box.addEventListener("input", () => {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) tell({ youju: "close" });
  if (event.key !== "/" || event.target === box) return;
  event.preventDefault();
  box.focus();
});

welcome.addEventListener("click", (event) => {
  if (event.target.matches("button") && !send.disabled) lineUp(event.target.textContent);
});

log.addEventListener("click", (event) => {
  if (!event.target.closest(".yj-edit")) return;
  box.value = event.target.closest(".yj-edit").textContent; // how the question was understood: change it and ask again
  box.focus();
});

function forget() {
  turns = [];
  log.replaceChildren(welcome);
  welcome.hidden = false;
  clear.hidden = true;
  store();
}

clear.addEventListener("click", () => {
  forget();
  box.focus();
});

if (color && CSS.supports("color", color)) document.documentElement.style.setProperty("--yj-own", color);
restore();
// Where the browser says who is around; elsewhere the page around speaks first.
if (location.ancestorOrigins?.length) meet(location.ancestorOrigins[0]);
if (first) lineUp(first);
