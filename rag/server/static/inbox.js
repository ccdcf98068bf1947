// The editor's inbox: what is dealt with leaves the list.
const main = document.querySelector(".yj-desk");
const { base } = main.dataset;
const words = JSON.parse(main.dataset.say);
const node = (id) => document.getElementById(id);

async function act(fields, item) {
  node("yj-said").textContent = "";
  node("yj-alert").textContent = "";
  const headers = { "content-type": "application/json" };
  try {
    const reply = await fetch(`${base}/desk/do`, { method: "POST", headers, body: JSON.stringify(fields) });
    const told = await reply.json();
    if (!reply.ok) {
      node("yj-alert").textContent = told.error?.message ?? words.unreachable;
      return;
    }
    const next = item.nextElementSibling?.querySelector("input, button") ?? item.closest("section").querySelector("h2");
    item.remove();
    next.focus();
    node("yj-said").textContent = words.noted;
  } catch {
    node("yj-alert").textContent = words.unreachable;
  }
}

main.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const said = { answer: form.elements.answer.value, unanswerable: form.elements.unanswerable.checked };
  act({ do: "row", item: form.dataset.item, ...said }, form.closest("li"));
});

main.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-dismiss], button[data-back]");
  if (!button) return;
  const { dismiss, back } = button.dataset;
  act(dismiss ? { do: "dismiss", item: dismiss } : { do: "take_back", item: back }, button.closest("li"));
});
