// The panel of conversations: take the present one along, look for an earlier one, name it, delete it.
import { lang, say } from "./words.js";
import * as history from "./history.js";
import { make, visible } from "./talk.js";

const button = (className, text, act, attributes = {}) => {
  const made = make("button", className, text, { type: "button", ...attributes });
  made.addEventListener("click", act);
  return made;
};

const nameOf = (talk) => talk.name || talk.turns[0].question;
const said = (talk) => [nameOf(talk), ...talk.turns.flatMap((turn) => [turn.question, turn.reply?.turn?.answer ?? ""])].join("\n").toLowerCase();

// What the panel shows; `act` has open(talk), cleared(), changed() and redraw().
export function panel(now, act) {
  const list = make("ul", "yj-talks");
  const all = history.talks();
  for (const talk of all) list.append(item(talk, act));
  const field = make("input", "yj-find", "", { type: "search", "aria-label": say.findTalk, placeholder: say.findTalk });
  const none = make("p", "yj-soft", say.noTalk, { role: "status", hidden: "" });
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    const shown = all.filter((talk, at) => {
      const fits = said(talk).includes(wanted);
      list.children[at].hidden = !fits;
      return fits;
    });
    none.hidden = shown.length > 0;
  });
  const clear = button("yj-example", say.clear, act.cleared);
  const found = all.length ? [field, none, list] : [make("p", "yj-soft", say.none)];
  return [...(now.turns.length ? [taking(now)] : []), kept(act), ...found, clear];
}

function kept(act) {
  const keep = make("label", "yj-keep");
  const box = make("input", "", "", { type: "checkbox" });
  box.checked = history.isKept();
  box.addEventListener("change", () => {
    history.keep(box.checked);
    act.changed();
    act.redraw();
  });
  keep.append(box, say.keep);
  return keep;
}

function item(talk, act) {
  const made = make("li");
  const open = button("yj-talk", nameOf(talk), () => act.open(talk), { dir: "auto" });
  open.append(make("small", "", `${new Date(talk.at).toLocaleString(lang === "zh" ? "zh-CN" : "en")} · ${talk.turns.length} ${say.questions}`));
  const change = button("yj-small", "✎", () => rename(talk, made, act), { "aria-label": `${say.rename}：${nameOf(talk)}`, title: say.rename });
  const away = button("yj-small", "✕", () => (history.remove(talk.id), act.redraw()), { "aria-label": `${say.remove}：${nameOf(talk)}`, title: say.remove });
  made.append(open, change, away);
  return made;
}

function rename(talk, made, act) {
  const field = make("input", "", "", { "aria-label": say.rename, maxlength: "100" });
  field.value = nameOf(talk);
  made.replaceChildren(field);
  field.focus();
  field.select();
  let done = false;
  const end = (keep) => {
    if (done) return;
    done = true;
    if (keep) history.rename(talk.id, field.value.trim());
    act.redraw();
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") (event.stopPropagation(), end(false));
  });
  field.addEventListener("blur", () => end(true));
}

function taking(now) {
  const group = make("p", "yj-taking", say.export, { role: "group", "aria-label": say.export });
  group.append(
    button("yj-example", "Markdown", () => download(`${fileName(now)}.md`, "text/markdown", markdown(now))),
    button("yj-example", "Word", () => download(`${fileName(now)}.doc`, "application/msword", word(now))),
    button("yj-example", say.print, () => window.print()),
  );
  return group;
}

const fileName = (talk) => `youju-${talk.at.slice(0, 10)}`;
const answered = (turn) => document.getElementById(`turn-${turn.uid}`)?.querySelector(".yj-reply .yj-text")?.innerText ?? turn.lost ?? "";

function markdown(talk) {
  const parts = talk.turns.map((turn) => `## ${visible(turn.question).replace(/\n/g, " ")}\n\n${turn.reply?.copies?.markdown ?? answered(turn)}`);
  return `# ${say.conversation} ${talk.at.slice(0, 10)}\n\n${parts.join("\n\n")}\n`;
}

// Word opens a page of HTML; all words are set as text, so nothing in them is interpreted.
function word(talk) {
  const page = document.implementation.createHTMLDocument(`${say.conversation} ${talk.at.slice(0, 10)}`);
  for (const turn of talk.turns) {
    page.body.append(make("h2", "", visible(turn.question)));
    for (const line of (turn.reply?.copies?.plain ?? answered(turn)).split("\n")) page.body.append(make("p", "", line));
  }
  const meta = page.createElement("meta");
  meta.setAttribute("charset", "utf-8");
  page.head.prepend(meta);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: `${type};charset=utf-8` }));
  const link = make("a", "", "", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
