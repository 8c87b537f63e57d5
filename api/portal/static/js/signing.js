// Choosing a key to sign with: one of this browser, or a key file for one use.

import { open } from "./keyfile.js";
import { list } from "./keystore.js";
import { fileOf, say } from "./page.js";

// Fills the choice of a form with the keys of this browser.
export async function offerKeys(form) {
  for (const { name } of await list()) {
    const option = document.createElement("option");
    option.value = option.textContent = name;
    form.elements.key.append(option);
  }
}

export async function chosenKey(form) {
  const { key, keyfile, password } = form.elements;
  if (keyfile.files.length > 0) {
    const opened = await open(new TextDecoder().decode(await fileOf(keyfile)), password.value);
    password.value = "";
    return opened;
  }
  const found = (await list()).find((each) => each.name === key.value);
  if (found === undefined) throw new Error(say("no-key"));
  return found;
}

// What a server answers, or the sentence by which it says no.
export async function ask(path, body, type) {
  const answer = await fetch(path, { method: "POST", body, headers: { "Content-Type": type } });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail ? `${told.title} (${told.detail})` : told.title);
  return told;
}
