// An address without #quote still opens at the quote.
const quote = document.getElementById("quote");
if (quote) {
  quote.scrollIntoView({ block: "center" });
  quote.focus({ preventScroll: true });
}
