// Signing in by a key of this browser: the session text is made and signed here (api/session_note.py).

import { text } from "./bytes.js";
import { Malformed } from "./errors.js";
import { signLine } from "./keystore.js";
import { formatNote } from "./note.js";
import { onSubmit, reveal } from "./page.js";
import { chosenKey, offerKeys } from "./signing.js";

const CONTEXT = "sunledger/session/v1";
const ORIGIN = /^[a-z0-9.-]+(?:\/[a-z0-9._-]+)*$/;
const NONCE = /^[0-9a-f]{32}$/;
const form = document.querySelector("#sign");
const note = document.querySelector("#note");

await offerKeys(form);
onSubmit(form, document.querySelector("#result"), async () => {
  const { origin, nonce } = form.dataset;
  // The server chooses these two and nothing else of the text, so it has nothing else signed.
  if (!ORIGIN.test(origin) || !NONCE.test(nonce)) throw new Malformed("the server offers no nonce");
  const told = `${CONTEXT}\n${origin}\n${location.host}\n${nonce}\n${new Date().toISOString()}\n`;
  note.value = text(formatNote(told, [await signLine(told, await chosenKey(form))]));
  note.form.submit();
});
reveal();
