// Ctrl+Enter runs the query.
"use strict";

const editor = document.getElementById("query");
editor.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) editor.form.requestSubmit();
});
