// The page of this browser's keys: made here, kept here, named to be enrolled.

import { forget, list, make } from "./keystore.js";
import { onSubmit, reveal, say, show } from "./page.js";

const form = document.querySelector("#make");
const result = document.querySelector("#result");
const rows = document.querySelector("#keys tbody");

async function fill() {
  const keys = await list();
  rows.replaceChildren(
    ...keys.map(({ name, vkey }) => {
      const row = rows.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = name;
      const code = document.createElement("code");
      code.textContent = vkey;
      const button = document.createElement("button");
      button.textContent = say("forget");
      button.addEventListener("click", async () => {
        if (confirm(say("sure", { name }))) await forget(name).then(fill);
      });
      row.append(head);
      row.insertCell().append(code);
      row.insertCell().append(button);
      return row;
    }),
  );
}

onSubmit(form, result, async (data) => {
  const vkey = await make(data.get("name").trim());
  await fill();
  show(result, "good", say("made"), vkey);
});
await fill();
reveal();
