// Conversations, kept in this browser alone (localStorage); the reader may turn that off and clear it.
const TALKS = "youju.talks";
const KEEP = "youju.keep";
const CURRENT = "youju.current"; // of this tab: a reload goes on with its conversation
const MAX_TALKS = 30;

function attempt(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise; // storage is blocked or full, or holds what another version wrote
  }
}

export const isKept = () => attempt(() => localStorage.getItem(KEEP) !== "0", false);

export function keep(on) {
  attempt(() => localStorage.setItem(KEEP, on ? "1" : "0"));
  if (!on) clear();
}

export function talks() {
  const found = attempt(() => JSON.parse(localStorage.getItem(TALKS)), null);
  return Array.isArray(found) ? found.filter((talk) => talk && Array.isArray(talk.turns)) : [];
}

export function save(talk) {
  if (!isKept() || !talk.turns.length) return;
  let kept = [talk, ...talks().filter((other) => other.id !== talk.id)].slice(0, MAX_TALKS);
  while (kept.length && !attempt(() => (localStorage.setItem(TALKS, JSON.stringify(kept)), true), false)) {
    kept = kept.slice(0, -1); // full: the oldest goes
  }
  attempt(() => sessionStorage.setItem(CURRENT, talk.id));
}

const write = (kept) => attempt(() => localStorage.setItem(TALKS, JSON.stringify(kept)));

export const remove = (id) => write(talks().filter((talk) => talk.id !== id));

export const rename = (id, name) => write(talks().map((talk) => (talk.id === id ? { ...talk, name } : talk)));

export function clear() {
  attempt(() => localStorage.removeItem(TALKS));
  leave();
}

export const leave = () => attempt(() => sessionStorage.removeItem(CURRENT));

export function current() {
  const id = attempt(() => sessionStorage.getItem(CURRENT), null);
  return id && isKept() ? talks().find((talk) => talk.id === id) : undefined;
}
