// An address without #quote still opens at the quote; one that asks for the article at a glance (g) opens at that.
const quote = document.getElementById("quote");
const gist = new URLSearchParams(location.search).has("g") ? document.querySelector(".yj-gist") : null;
if (gist) {
  gist.open = true;
  scrollTo(0, 0);
  gist.querySelector("summary").focus({ preventScroll: true });
} else if (quote) {
  quote.scrollIntoView({ block: "center" });
  quote.focus({ preventScroll: true });
}
