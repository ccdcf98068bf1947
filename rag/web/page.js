// Gradio's page: keys, where the chat scrolls to, and what a screen reader is told.
const box = () => document.querySelector("#yj-question textarea");

document.addEventListener(
  "keydown",
  (event) => {
    if (event.target === box()) {
      // Enter also ends the choice of a word in an input method: that must not send.
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    } else if (event.key === "/" && !event.target.matches("input, textarea, [contenteditable]")) {
      event.preventDefault();
      box()?.focus();
    }
  },
  true,
);

// A reply is read from its question on: keep that at the top, whatever the length of the quotes.
let seen = "";
function settle() {
  for (const node of document.querySelectorAll("#yj-chat [data-testid][aria-label]")) {
    node.removeAttribute("aria-label"); // Gradio puts the message's HTML there, tags and all
  }
  const asked = document.querySelectorAll("#yj-chat .user-row");
  const state = `${asked.length} ${document.querySelectorAll("#yj-chat .yj:not(.yj-waiting)").length}`;
  if (state === seen) return;
  seen = state;
  asked[asked.length - 1]?.scrollIntoView({ block: "start", behavior: "smooth" });
}
new MutationObserver(settle).observe(document.body, { childList: true, subtree: true });

document.addEventListener("click", (event) => {
  if (event.target.id === "yj-theme") document.body.classList.toggle("dark");
});

// A marker leads to its card, and the keyboard with it.
document.addEventListener("click", (event) => {
  const marker = event.target.closest?.("a.yj-ref");
  const card = marker && document.getElementById(marker.hash.slice(1));
  if (!card) return;
  event.preventDefault();
  card.scrollIntoView({ block: "center", behavior: "smooth" });
  card.focus({ preventScroll: true });
});
