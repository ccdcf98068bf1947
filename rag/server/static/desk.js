// The editor's desk: sends files one by one, does what buttons say, and asks for the lists while they change.
const main = document.querySelector(".yj-desk");
const { base } = main.dataset;
const words = JSON.parse(main.dataset.say);
const most = Number(main.dataset.most);
const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const node = (id) => document.getElementById(id);
const worded = (name, said) => words[name].replace(/\{(\w+)\}/g, (_, key) => said[key]);
const SECOND = 1000;
let asking = 0;
const begun = new Set(); // jobs of this page whose end is still to be said

function say(text, wrong = "") {
  node("yj-said").textContent = text;
  node("yj-alert").textContent = wrong;
}

// Ask the server; what it refuses is said, and null returned.
async function ask(path, options) {
  try {
    const reply = await fetch(`${base}/desk/${path}`, { cache: "no-store", headers: { "accept-language": lang }, ...options });
    const told = await reply.json();
    if (reply.ok) return told;
    say("", told.error?.message ?? words.unreachable);
  } catch {
    say("", words.unreachable);
  }
  return null;
}

// Put the items of `html` in the place of those that show something else: what is being typed into stays.
function replace(place, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const known = new Map([...place.querySelectorAll("li[data-stamp]")].map((item) => [item.id, item]));
  for (const item of fresh.content.querySelectorAll("li[data-stamp]")) {
    const old = known.get(item.id);
    if (old?.dataset.stamp === item.dataset.stamp) item.replaceWith(old);
  }
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  place.replaceChildren(fresh.content);
  if (!held) return;
  if (place.contains(held)) held.focus({ preventScroll: true });
  else node(`${place.id}-h`)?.focus();
}

async function refresh() {
  clearTimeout(asking);
  const told = await ask(`state?lang=${lang}`);
  if (told === null) return;
  for (const [name, html] of Object.entries(told.parts)) {
    const place = node(`yj-${name}`);
    if (place.dataset.html !== html) replace(place, html);
    place.dataset.html = html;
  }
  for (const id of begun) {
    const item = node(`job-${id}`);
    const state = item?.querySelector(".yj-done, .yj-failed");
    if (!state) continue;
    begun.delete(id);
    const label = item.querySelector("p").textContent;
    if (state.matches(".yj-failed")) say("", state.textContent);
    else say(worded("ended", { label }));
  }
  clearTimeout(asking);
  if (told.busy) asking = setTimeout(refresh, SECOND);
}

async function send(files) {
  const refused = [];
  for (const file of files) {
    if (file.size > most) {
      refused.push(worded("too_large", { name: file.name, most: most / 1e6 }));
      continue;
    }
    say(worded("sending", { name: file.name }));
    const headers = { "content-type": "application/octet-stream" };
    const told = await ask(`files?name=${encodeURIComponent(file.name)}`, { method: "POST", headers, body: file });
    if (told) say(worded("sent", { name: file.name }));
    else refused.push(node("yj-alert").textContent);
    refresh();
  }
  if (refused.length) say("", refused.join(" "));
}

async function act(fields) {
  say("");
  const headers = { "content-type": "application/json" };
  const told = await ask("do", { method: "POST", headers, body: JSON.stringify(fields) });
  if (told === null) return;
  if (told.job) begun.add(told.job);
  say(fields.do === "drop" ? words.dropped : words.began);
  if ("article" in fields) node(`row-${fields.article}`)?.remove();
  await refresh();
}

const fieldsOf = (form) => Object.fromEntries(new FormData(form));

main.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.draft) {
    event.preventDefault();
    act({ do: "accept", drafts: { [form.dataset.draft]: fieldsOf(form) } });
  } else if (form.id === "yj-paste") {
    event.preventDefault();
    const text = form.querySelector("textarea").value;
    const first = text.split("\n").map((line) => line.trim()).find(Boolean) ?? words.paste;
    send([new File([text], `${[...first.replace(/[/\\]/g, "_")].slice(0, 40).join("")}.txt`)]).then(() => form.reset());
  }
});

main.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) {
    const fields = JSON.parse(button.dataset.do);
    if (button.dataset.draft) fields.drafts = { [button.dataset.draft]: {} };
    act(fields);
  } else if (event.target.id === "yj-accept-all") {
    const drafts = {};
    for (const form of main.querySelectorAll("form[data-draft]")) drafts[form.dataset.draft] = fieldsOf(form);
    for (const one of main.querySelectorAll("button[data-draft]")) drafts[one.dataset.draft] = {};
    act({ do: "accept", drafts });
  }
});

const drop = node("yj-drop");
const files = node("yj-files");
files.addEventListener("change", () => send([...files.files]).then(() => { files.value = ""; }));
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("yj-over");
  });
}
for (const name of ["dragleave", "drop"]) addEventListener(name, () => drop.classList.remove("yj-over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  send([...event.dataTransfer.files]);
});
addEventListener("focus", refresh);
refresh();
