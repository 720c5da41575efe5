"use strict";

// The buttons of an array of composite values: add, move up, remove. Items are numbered
// in their names, in the order in which they stand; a formset counts them.
{
  const NAMED = ["name", "id", "for", "aria-describedby", "aria-labelledby"];

  const rename = (item, from, to) => {
    for (const element of [item, ...item.querySelectorAll("*")]) {
      for (const attribute of NAMED) {
        const value = element.getAttribute(attribute);
        if (value?.includes(from)) {
          element.setAttribute(attribute, value.replaceAll(from, to));
        }
      }
    }
  };

  const count = (array) =>
    array.querySelector(":scope > input[name$='-TOTAL_FORMS']");

  // An inline formset around the array may have renamed it since it was rendered.
  const prefixOf = (array) => count(array).name.slice(0, -"-TOTAL_FORMS".length);

  const renumber = (array, items) => {
    const prefix = prefixOf(array);
    // By way of names that nobody has, or radio buttons of two items would be one group.
    items.forEach((item, index) =>
      rename(item, `${prefix}-${item.dataset.index}-`, `${prefix}-to${index}-`));
    items.forEach((item, index) => {
      rename(item, `${prefix}-to${index}-`, `${prefix}-${index}-`);
      item.dataset.index = index;
    });
    count(array).value = items.length;
  };

  const add = (array, list) => {
    const item = array
      .querySelector(":scope > template")
      .content.cloneNode(true).firstElementChild;
    item.dataset.index = list.children.length;
    rename(item, `${array.dataset.prefix}-__item__-`,
      `${prefixOf(array)}-${item.dataset.index}-`);
    list.append(item);
    item.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    // What Django's admin says and does when an inline is added.
    item.dispatchEvent(new CustomEvent("formset:added",
      { bubbles: true, detail: { formsetName: prefixOf(array) } }));
    if (window.DateTimeShortcuts) {
      document.querySelectorAll(".datetimeshortcuts").forEach((span) => span.remove());
      window.DateTimeShortcuts.init();
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-composite-array]");
    if (!button) return;
    const array = button.closest(".composite-array");
    const list = array.querySelector(":scope > .composite-array__items");
    const items = [...list.children];
    items.forEach((item, index) => { item.dataset.index = index; });
    const item = button.closest(".composite-array__item");
    switch (button.dataset.compositeArray) {
      case "add": add(array, list); break;
      case "up": item.previousElementSibling?.before(item); button.focus(); break;
      case "remove": item.remove(); break;
    }
    renumber(array, [...list.children]);
    count(array).dispatchEvent(new Event("change", { bubbles: true }));
  });
}
