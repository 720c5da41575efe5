// Fills the list of titles below the search box; the form works without it.
const form = document.querySelector("[data-suggest]");
const input = form.elements.q;
let latest;

input.addEventListener("input", async () => {
  const asked = (latest = input.value);
  const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(asked)}`);
  if (!answer.ok || asked !== latest) return;
  const { suggestions } = await answer.json();
  input.list.replaceChildren(...suggestions.map((title) => new Option(title, title)));
});
