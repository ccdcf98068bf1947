// The chat on Gradio's page: asks the server, draws what comes back, keeps the conversation.
import { fill, lang, say } from "./words.js";
import * as history from "./history.js";
import * as side from "./side.js";
import * as talk from "./talk.js";
import * as talks from "./talks.js";

const base = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const node = (id) => document.getElementById(id);
const box = () => document.querySelector("#yj-question textarea");
const KEPT = 10; // earlier turns that are sent along
const LATE = 90_000; // milliseconds until a reply that never came is given up

const random = () => [...crypto.getRandomValues(new Uint8Array(8))].map((one) => one.toString(16).padStart(2, "0")).join("");
const day = () => new Date().toLocaleDateString("sv"); // YYYY-MM-DD of the reader's clock
const begun = () => ({ id: random(), at: new Date().toISOString(), turns: [] });

let now = begun(); // the conversation
let waiting = null; // the turn whose reply is on its way, and how to stop it
let recalled = -1; // which earlier question the arrow keys have put into the box

const filters = () => ({ since: node("yj-since").value, until: node("yj-until").value, publisher: node("yj-publisher").value });
const acts = { ask, save: () => history.save(now) };

function put(text) {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true })); // Gradio reads the field from this event
}

// Called by Gradio with what is in the box. An empty question is not asked, nor one while another waits.
function send(typed) {
  if (!typed.trim()) return;
  if (!inOrder()) return wrongDates();
  if (waiting) return talk.nudge(node(`turn-${waiting.turn.uid}`));
  put("");
  ask(typed);
}

function ask(question, options = {}) {
  if (waiting) return;
  recalled = -1;
  const earlier = now.turns.filter((turn) => turn.reply && !turn.reply.failed).map((turn) => turn.reply.turn);
  const turn = {
    uid: random(), token: random(), question: question.trim(), filters: options.filters ?? filters(), today: options.today ?? day(),
    earlier: now.turns.map((other) => other.question).slice(-KEPT), expect: options.expect,
  };
  now.turns.push(turn);
  const drawn = talk.draw(turn);
  node("yj-log").append(drawn);
  arrange();
  drawn.scrollIntoView({ block: "start", behavior: "instant" });
  const sent = {
    question: turn.question, uid: turn.uid, turns: earlier.slice(-KEPT), ...turn.filters, today: turn.today, lang,
    site: location.origin + base,
  };
  follow(turn, drawn, sent);
}

// Shows each stage as it is reached, then the reply; whoever stops it or loses the server may ask again.
async function follow(turn, drawn, sent) {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), LATE);
  waiting = { turn, stop: () => stop.abort("stopped") };
  talk.stage(drawn, "retrieving", waiting.stop);
  let reply = null;
  let lost = say.lost;
  try {
    await talk.messages(sent, stop.signal, (said) => {
      if (said.stage) talk.stage(drawn, said.stage, waiting.stop);
      else reply = said;
    });
  } catch (error) {
    lost = stop.signal.reason === "stopped" ? say.stopped : error.told ?? say.lost;
  }
  clearTimeout(late);
  waiting = null;
  if (reply) hear(turn, drawn, reply);
  else failed(turn, drawn, lost);
}

function hear(turn, drawn, reply) {
  turn.reply = reply;
  talk.answer(drawn, turn, acts);
  drawn.scrollIntoView({ block: "start", behavior: "instant" });
  if (turn.expect) compare(turn);
  history.save(now);
  if (reply.examples?.length) offer(turn, drawn, reply.examples);
  else if (!reply.failed && reply.articles.length) goOn(turn, drawn);
}

// What could not be answered stays, also in the history, and can be asked again.
function failed(turn, drawn, why) {
  turn.lost = why;
  history.save(now);
  drawFailed(turn, drawn);
}

function drawFailed(turn, drawn) {
  const place = drawn.querySelector(".yj-reply");
  place.replaceChildren(talk.make("div", "yj yj-refused", turn.lost, { role: "alert" }));
  place.append(again(turn));
}

function again(turn) {
  const made = talk.make("button", "yj-example", say.again, { type: "button" });
  made.addEventListener("click", () => {
    node(`turn-${turn.uid}`).remove();
    now.turns = now.turns.filter((other) => other !== turn);
    ask(turn.question, { filters: turn.filters, today: turn.today });
  });
  return made;
}

function offer(turn, drawn, questions) {
  const asked = now.turns.map((other) => other.question);
  turn.next = questions.filter((question) => !asked.includes(question));
  talk.next(drawn, turn.next, ask, say.tryThese);
  history.save(now);
}

async function goOn(turn, drawn) {
  try {
    turn.next = await talk.nextOf(turn);
  } catch {
    return; // the answer stands without them
  }
  const asked = now.turns.flatMap((other) => [other.question, other.reply?.turn?.question]);
  turn.next = turn.next.filter((question) => !asked.includes(question)).slice(0, 3);
  talk.next(drawn, turn.next, ask);
  history.save(now);
}

// A link says which index and which answer it was made of.
function compare(turn) {
  const { g, d } = turn.expect;
  const moved = Number(g) !== turn.reply.generation;
  const same = d === turn.reply.digest;
  if (turn.reply.failed || !g) return;
  const text = moved ? (same ? say.movedSame : say.movedOther) : same ? say.sameIndex : say.changed;
  node("yj-banner").textContent = fill(text, { then: g, now: turn.reply.generation });
  node("yj-banner").hidden = false;
  node("yj-banner").scrollIntoView({ block: "start", behavior: "instant" }); // it stands above the answer
}

function arrange() {
  node("yj-welcome").hidden = now.turns.length > 0;
  document.body.classList.toggle("yj-talking", now.turns.length > 0);
}

function show(conversation) {
  if (waiting) return;
  now = conversation;
  node("yj-banner").hidden = true;
  node("yj-log").replaceChildren(
    ...now.turns.filter((turn) => turn.reply || turn.lost).map((turn) => {
      const drawn = talk.draw(turn);
      if (turn.reply) talk.answer(drawn, turn, acts);
      else drawFailed(turn, drawn);
      return drawn;
    }),
  );
  arrange();
  node("yj-log").lastElementChild?.scrollIntoView({ block: "start", behavior: "instant" });
}

function fresh() {
  if (waiting) return;
  history.leave();
  side.close({ stay: true });
  show(begun());
  if (location.search) window.history.replaceState(null, "", location.pathname);
  box().focus();
}

function openHistory() {
  side.open(say.history, talks.panel(now, {
    open: (talk) => {
      side.close({ stay: true });
      show(talk);
      history.save(talk);
    },
    cleared: () => {
      history.clear();
      fresh();
    },
    changed: () => history.save(now),
    redraw: openHistory,
  }));
}

async function start() {
  const reply = await fetch(`${base}/page/start?lang=${lang}`);
  if (!reply.ok) return;
  const { examples, publishers, holds, desk } = await reply.json();
  node("yj-desk").hidden = !desk;
  node("yj-holds").innerHTML = holds; // escaped by the server
  node("yj-examples").replaceChildren(
    ...examples.map((question) => {
      const item = talk.make("li");
      const made = talk.make("button", "yj-example", question, { type: "button" });
      made.addEventListener("click", () => ask(question));
      item.append(made);
      return item;
    }),
  );
  for (const publisher of publishers) node("yj-publisher").append(talk.make("option", "", publisher, { value: publisher }));
}

// A link of ours: ask what it asks, on its day, within its filters.
function openLink() {
  const link = new URLSearchParams(location.search);
  const question = (link.get("q") ?? "").slice(0, 1000).trim();
  if (!question) return false;
  const of = (name) => link.get(name) ?? "";
  for (const name of ["since", "until"]) node(`yj-${name}`).value = of(name);
  ask(question, {
    filters: { since: of("since"), until: of("until"), publisher: of("publisher") },
    today: of("today") || day(), expect: { g: of("g"), d: of("d") },
  });
  return true;
}

const inOrder = () => !node("yj-since").value || !node("yj-until").value || node("yj-since").value <= node("yj-until").value;

function wrongDates() {
  node("yj-filters").open = true;
  filtered();
  node("yj-since").focus();
}

function filtered() {
  const { since, until, publisher } = filters();
  const wrong = !inOrder();
  for (const name of ["yj-since", "yj-until"]) node(name).setAttribute("aria-invalid", String(wrong));
  node("yj-filtered").textContent = wrong ? say.wrongDates : [since && `${say.since} ${since}`, until && `${say.until} ${until}`, publisher].filter(Boolean).join(" · ");
}

document.addEventListener("click", (event) => {
  const found = event.target.closest?.("a.yj-ref, a.yj-title, a.yj-glance, #yj-side .yj-gist a");
  if (!found || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const glance = found.matches(".yj-glance");
  const card = found.matches(".yj-ref") ? node(found.hash.slice(1)) : glance ? found.closest(".yj-card") : null;
  const link = card ? card.querySelector(".yj-source a.yj-title") : found.matches(".yj-ref") ? null : found;
  if (!link) return;
  event.preventDefault();
  const folded = link.closest("details");
  if (folded) folded.open = true;
  link.closest(".yj-card")?.scrollIntoView({ block: "nearest", behavior: "instant" });
  side.openSource(link, glance);
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".yj-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

function recall(step) {
  const earlier = now.turns.map((turn) => turn.question).reverse();
  recalled = Math.max(-1, Math.min(recalled + step, earlier.length - 1));
  put(recalled < 0 ? "" : earlier[recalled]);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.target === box()) {
      // Enter also ends the choice of a word in an input method: that must not send.
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
      const free = !box().value || recalled >= 0;
      if ((event.key === "ArrowUp" || event.key === "ArrowDown") && free && !event.isComposing) {
        event.preventDefault();
        recall(event.key === "ArrowUp" ? 1 : -1);
      }
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") recalled = -1;
    } else if (event.key === "/" && !event.target.matches("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      box()?.focus();
    }
    if (event.key === "Escape") {
      const menu = document.querySelector(".yj-menu[open]");
      if (menu) menu.open = false;
      else if (side.close()) event.preventDefault();
      else waiting?.stop();
    }
  },
  true,
);

function listen() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = lang === "zh" ? "有据 · 新闻问答" : "Youju · news answers";
  node("yj-log").setAttribute("aria-label", say.conversation);
  node("yj-theme").setAttribute("aria-label", say.theme);
  node("yj-theme").title = say.theme;
  node("yj-theme").addEventListener("click", () => document.body.classList.toggle("dark"));
  node("yj-new").addEventListener("click", fresh);
  node("yj-history").addEventListener("click", openHistory);
  node("yj-unfilter").addEventListener("click", () => {
    for (const name of ["since", "until", "publisher"]) node(`yj-${name}`).value = "";
    filtered();
  });
  node("yj-filters").addEventListener("change", filtered);
  side.listen();
  start().catch(() => {});
  if (!openLink()) {
    const earlier = history.current();
    if (earlier) show(earlier);
  }
  document.body.classList.add("yj-ready");
  performance.mark("yj-ready");
}

window.youju = { send };

// Gradio draws its components when its scripts have come: until then the name stands there.
const splash = talk.make("div", "yj-splash", "有据", { "aria-hidden": "true" });
const ready = () => box() && node("yj-send") && node("yj-log") && node("yj-side") && node("yj-filters") && node("yj-theme");
const drawn = new MutationObserver(() => {
  if (!ready()) return;
  drawn.disconnect();
  splash.remove();
  listen();
});
drawn.observe(document.body, { childList: true, subtree: true });
document.body.append(splash); // seen by the observer, also where Gradio was faster than this script
