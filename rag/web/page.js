// Keys of Gradio's page: / goes to the question; Enter that ends a word of an input method sends nothing.
const box = () => document.querySelector("#yj-question textarea");

document.addEventListener(
  "keydown",
  (event) => {
    if (event.target === box()) {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
    } else if (event.key === "/" && !event.target.matches("input, textarea, [contenteditable]")) {
      event.preventDefault();
      box()?.focus();
    }
  },
  true,
);
