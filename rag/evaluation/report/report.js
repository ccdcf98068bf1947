// The report's failure list: filtered by words and by three choices, a page of it at a time.
const PAGE = 50;
const items = [...document.querySelectorAll(".failure")];
const choices = ["kind", "stage", "type"].map((name) => document.getElementById(name));
const words = document.getElementById("words");
const more = document.getElementById("more");
const texts = new WeakMap(); // filled at the first search: 10,000 texts are not needed to show the page
let pages = 1;

function holds(item, wanted) {
  if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
  return wanted.every((word) => texts.get(item).includes(word));
}

function show() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = choices.filter((choice) => choice.value);
  let found = 0;
  for (const item of items) {
    const fits = chosen.every((choice) => item.dataset[choice.id] === choice.value) && holds(item, wanted);
    item.classList.toggle("shown", fits && ++found <= PAGE * pages);
  }
  document.getElementById("count").value = `${found}题`;
  document.querySelector(".empty").hidden = found > 0;
  more.hidden = found <= PAGE * pages;
  more.textContent = `再看一些（还有${found - PAGE * pages}题）`;
}

function again() {
  pages = 1;
  show();
}

words.addEventListener("input", again);
for (const choice of choices) {
  choice.disabled = choice.options.length < 2;
  choice.addEventListener("change", again);
}
more.addEventListener("click", () => {
  pages += 1;
  show();
});
document.querySelector(".failures").classList.add("filtered");
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
show();
