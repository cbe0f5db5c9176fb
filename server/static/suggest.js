// Suggestions under every field with data-suggest: an ARIA combobox. Without this file the field is a plain form field.
let number = 0;

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  list.id = `suggestions-${(number += 1)}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  const status = document.createElement("span");
  status.className = "hidden";
  status.setAttribute("role", "status");
  input.after(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) input.setAttribute(name, value);

  let at = -1;
  let latest = 0;
  let waiting;

  const close = () => {
    latest += 1;
    clearTimeout(waiting);
    at = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    at = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };

  // The text with the places that fit set in bold; everything is set as text, never as markup.
  const marked = (text, spans) => {
    const made = document.createElement("span");
    const letters = [...text]; // spans count code points
    let from = 0;
    for (const [start, end] of spans) {
      made.append(letters.slice(from, start).join(""));
      const bold = document.createElement("b");
      bold.textContent = letters.slice(start, end).join("");
      made.append(bold);
      from = end;
    }
    made.append(letters.slice(from).join(""));
    return made;
  };

  const item = (hit, index) => {
    const made = document.createElement("li");
    made.id = `${list.id}-${index}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.page = hit.page;
    const text = document.createElement("span");
    if (hit.text === hit.label) text.append(marked(hit.text, hit.spans));
    else {
      const also = marked(hit.text, hit.spans);
      also.className = "also";
      text.append(hit.label, also);
    }
    const kind = document.createElement("span");
    kind.className = `badge kind ${hit.kind}`;
    kind.textContent = hit.kind;
    made.append(text, kind);
    return made;
  };

  const show = async () => {
    const typed = input.value.trim();
    if (!typed) return close();
    const turn = (latest += 1);
    try {
      const response = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: typed })}`);
      if (!response.ok || turn !== latest) return;
      const { hits } = await response.json();
      if (turn !== latest || at >= 0) return; // what was chosen meanwhile stays chosen
      list.replaceChildren(...hits.map(item));
      list.hidden = !hits.length;
      input.setAttribute("aria-expanded", String(hits.length > 0));
      status.textContent = hits.length ? `${hits.length} suggestions` : "no suggestions";
      choose(-1);
    } catch {
      close(); // the form still searches
    }
  };

  input.addEventListener("input", () => {
    choose(-1);
    clearTimeout(waiting);
    waiting = setTimeout(show, 90);
  });
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        choose(((at + 1 + step + count + 1) % (count + 1)) - 1); // past the end is the field itself
      }
    } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(list.children[at].dataset.page);
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("li");
    if (chosen) location.assign(chosen.dataset.page);
  });
}
