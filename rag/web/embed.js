// The page for frames. The conversation lives in this page's memory only: no cookie, no storage.
const form = document.getElementById("form");
const box = document.getElementById("question");
const log = document.getElementById("log");
const send = document.getElementById("send");
const clear = document.getElementById("clear");
const welcome = document.getElementById("welcome");
const KEPT = 10;
let history = [];

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
    credentials: "omit",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question, history }),
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
  const place = add("div", "yj waiting", "检索、阅读中…");
  place.scrollIntoView({ block: "end" });
  try {
    const { html, answer } = await reply(question);
    place.outerHTML = html; // escaped by the server, which also renders the other pages
    history = [...history, { question: answer.understood_as || question, answer: answer.answer }].slice(-KEPT);
  } catch (error) {
    place.textContent = error instanceof TypeError || error instanceof SyntaxError ? "连不上服务，请稍后再试。" : error.message;
  }
  send.disabled = false;
  asked.scrollIntoView({ block: "start" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = box.value.trim();
  if (!question || send.disabled) return;
  box.value = "";
  ask(question);
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
  if (event.key !== "/" || event.target === box) return;
  event.preventDefault();
  box.focus();
});

welcome.addEventListener("click", (event) => {
  if (event.target.matches("button") && !send.disabled) ask(event.target.textContent);
});

log.addEventListener("click", (event) => {
  if (!event.target.closest(".yj-edit")) return;
  box.value = event.target.closest(".yj-edit").textContent; // how the question was understood: change it and ask again
  box.focus();
});

clear.addEventListener("click", () => {
  history = [];
  log.replaceChildren(welcome);
  welcome.hidden = false;
  clear.hidden = true;
  box.focus();
});
