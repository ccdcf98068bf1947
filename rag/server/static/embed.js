// The page for frames. The conversation lives in this page's memory only: no cookie, no storage.
const form = document.getElementById("form");
const box = document.getElementById("question");
const log = document.getElementById("log");
const send = document.getElementById("send");
const clear = document.getElementById("clear");
const welcome = document.getElementById("welcome");
const { lang, publisher, question: first, waiting, lost } = document.body.dataset;
const KEPT = 10;
const LINED_UP = 5; // questions the page around may ask ahead
let turns = [];
let line = 0;
let last = Promise.resolve();

// A key comes behind the #, which no browser sends to a server, and leaves the address at once.
const key = new URLSearchParams(location.hash.slice(1)).get("key");
if (key) history.replaceState(null, "", location.pathname + location.search);

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
    headers: { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ question, history: turns, publisher, lang }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error.message);
  return body;
}

async function ask(question) {
  welcome.hidden = true;
  clear.hidden = false;
  send.disabled = true;
  const asked = add("div", "yj-question", question);
  const place = add("div", "yj waiting", waiting);
  place.scrollIntoView({ block: "end" });
  try {
    const { html, answer } = await reply(question);
    place.outerHTML = html; // escaped by the server, which also renders the other pages
    turns = [...turns, { question: answer.understood_as || question, answer: answer.answer }].slice(-KEPT);
    tell({ youju: "answer", question, answer });
  } catch (error) {
    place.textContent = error instanceof TypeError || error instanceof SyntaxError ? lost : error.message;
    tell({ youju: "answer", question, error: place.textContent });
  }
  send.disabled = false;
  asked.scrollIntoView({ block: "start" });
}

function lineUp(question) {
  const text = question.trim().slice(0, 1000);
  if (!text || line >= LINED_UP) return;
  line += 1;
  last = last.then(() => ask(text)).finally(() => (line -= 1));
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || typeof data?.youju !== "string" || !meet(origin)) return;
  if (data.youju === "open") box.focus();
  if (data.youju === "ask" && typeof data.question === "string") lineUp(data.question);
  if (data.youju === "close") document.activeElement?.blur();
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

clear.addEventListener("click", () => {
  turns = [];
  log.replaceChildren(welcome);
  welcome.hidden = false;
  clear.hidden = true;
  box.focus();
});

// Where the browser says who is around; elsewhere the page around speaks first.
if (location.ancestorOrigins?.length) meet(location.ancestorOrigins[0]);
if (first) lineUp(first);
