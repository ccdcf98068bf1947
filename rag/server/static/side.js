// The panel beside the chat (a sheet at the bottom on phones): an article at its quote, history, a trace.
import { lang, say } from "./words.js";

const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const node = (id) => document.getElementById(id);
let opener = null; // what had the focus, to give it back
let quotes = []; // the title links of the answer whose quote is open
let asked = 0; // so that a slow reply does not replace a later one

let pushed = false; // whether the browser's Back closes the panel

function show(title) {
  if (node("yj-side").hidden) opener = document.activeElement;
  if (!pushed) history.pushState({ side: true }, "");
  pushed = true;
  node("yj-side-title").textContent = title;
  node("yj-side-turn").hidden = true;
  node("yj-side").hidden = false;
  document.body.classList.add("yj-sided");
  asked += 1;
}

export function open(title, content) {
  show(title);
  node("yj-side-body").replaceChildren(...content);
  node("yj-side-body").scrollTop = 0;
  node("yj-side").focus({ preventScroll: true });
}

// `stay` leaves the entry that Back would close the panel with: what follows puts another address in its place.
export function close({ stay = false } = {}) {
  if (node("yj-side").hidden) return false;
  if (pushed && !stay) history.back();
  pushed = false;
  asked += 1;
  node("yj-side").hidden = true;
  document.body.classList.remove("yj-sided");
  document.querySelectorAll(".yj-current").forEach((card) => card.classList.remove("yj-current"));
  opener?.focus({ preventScroll: true });
  return true;
}

// `link` is the title link of a citation: its address says which article and which words.
// With `glance` the article at a glance is opened in place of the quote.
export async function openSource(link, glance = false) {
  const card = link.closest(".yj-card");
  const all = card?.closest(".yj")?.querySelectorAll(".yj-card a.yj-title") ?? [];
  quotes = [...all];
  document.querySelectorAll(".yj-current").forEach((other) => other.classList.remove("yj-current"));
  card?.classList.add("yj-current");
  show(link.textContent);
  const mine = asked;
  const at = quotes.indexOf(link);
  node("yj-side-turn").hidden = quotes.length < 2;
  node("yj-side-at").textContent = `${at + 1} / ${quotes.length}`;
  node("yj-side-back").disabled = at < 1;
  node("yj-side-on").disabled = at + 1 >= quotes.length;
  node("yj-side-body").textContent = say.loading;
  const address = new URL(link.href);
  const ident = address.pathname.slice(base.length + "/articles/".length);
  const others = quotes.filter((other) => other !== link).map((other) => new URL(other.href)).filter((one) => one.pathname === address.pathname);
  const spans = others.map(({ searchParams: at }) => `${at.get("s")}-${at.get("e")}`).join(",");
  try {
    const reply = await fetch(`${base}/page/articles/${ident}${address.search}&m=${spans}&lang=${lang}`);
    const body = await reply.json();
    if (mine !== asked) return;
    if (!reply.ok) throw new Error(body.error.message);
    node("yj-side-title").textContent = body.title;
    node("yj-side-body").innerHTML = body.html; // escaped by the server
    const gist = glance ? node("yj-side-body").querySelector(".yj-gist") : null;
    if (gist) {
      gist.open = true;
      gist.querySelector("summary").focus({ preventScroll: true });
    }
    const mark = node("yj-side-body").querySelector("#quote");
    if (mark) {
      const here = node("yj-side-body");
      here.scrollTop += mark.getBoundingClientRect().top - here.getBoundingClientRect().top - here.clientHeight * 0.3;
      if (!gist) mark.focus({ preventScroll: true });
    }
  } catch (error) {
    if (mine === asked) node("yj-side-body").textContent = error instanceof TypeError || error instanceof SyntaxError ? say.lost : error.message;
  }
}

function turn(step) {
  const at = quotes.findIndex((link) => link.closest(".yj-card").classList.contains("yj-current"));
  const link = quotes[at + step];
  const folded = link?.closest("details");
  if (folded) folded.open = true;
  if (link) openSource(link);
}

export function listen() {
  window.addEventListener("popstate", () => {
    if (!pushed) return;
    pushed = false;
    close();
  });
  node("yj-side-close").addEventListener("click", () => close());
  node("yj-side-back").addEventListener("click", () => turn(-1));
  node("yj-side-on").addEventListener("click", () => turn(1));
  for (const [id, label] of [["yj-side-close", say.close], ["yj-side-back", say.previous], ["yj-side-on", say.following]]) {
    node(id).setAttribute("aria-label", label);
    node(id).title = label;
  }
  node("yj-side").addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || node("yj-side-turn").hidden) return;
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
}
