// Proposing a statement: events or a statement file in, signed here, sent on or kept as a file.

import { hex, utf8 } from "./bytes.js";
import { encode } from "./canonical.js";
import { Malformed } from "./errors.js";
import { formatNote } from "./note.js";
import { download, onSubmit, reveal, say, show } from "./page.js";
import { ask, chosenKey, offerKeys } from "./signing.js";
import { signLine } from "./keystore.js";
import { CONTEXT, checkEvents, decodeFile, encodeFile, parseStatement, partyOf, statementText, withLine } from "./statement.js";

const MEDIA_TYPE = "text/vnd.sunledger.statement";
const form = document.querySelector("#sign");
const versions = JSON.parse(form.dataset.versions); // of the types that are no longer at their first
const result = document.querySelector("#result");

// A UUIDv7 (RFC 9562): ordered by time, so that the ledger finds it fast.
function eventId(nowMs) {
  const random = crypto.getRandomValues(new Uint8Array(10));
  random[0] = 0x70 | (random[0] & 0x0f);
  random[2] = 0x80 | (random[2] & 0x3f);
  const digits = nowMs.toString(16).padStart(12, "0") + hex(random);
  return [8, 12, 16, 20, 32].map((end, i, ends) => digits.slice(i ? ends[i - 1] : 0, end)).join("-");
}

// An event with the heading that it lacks, as `sunledger sign` completes it.
function completed(line, number, now) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    throw new Malformed(`line ${number}: not JSON`);
  }
  if (typeof event?.type !== "string") throw new Malformed(`line ${number}: an event is an object with a type`);
  const heading = { v: versions[event.type] ?? 1, id: eventId(now.getTime()), salt: hex(crypto.getRandomValues(new Uint8Array(16))), at: now.toISOString() };
  return encode({ ...heading, ...event });
}

async function signed(written, key, others) {
  const now = new Date();
  if (written.startsWith(CONTEXT)) {
    const { note, bodies } = decodeFile(utf8(written));
    const statement = parseStatement(note);
    await checkEvents(statement, bodies);
    return encodeFile(withLine(statement, await signLine(statement.note.text, key)), bodies);
  }
  const lines = written.split("\n").map((line) => line.trim());
  const bodies = lines.flatMap((line, i) => (line === "" ? [] : [completed(line, i + 1, now)]));
  if (bodies.length === 0) throw new Malformed(say("no-event"));
  const signers = [partyOf(key.name), ...others];
  const told = await statementText(form.dataset.origin, now.toISOString(), signers, bodies);
  return encodeFile(formatNote(told, [await signLine(told, key)]), bodies);
}

document.querySelector("#events-file").addEventListener("change", async (event) => {
  form.elements.events.value = await event.target.files[0].text();
});
await offerKeys(form);
onSubmit(form, result, async (data) => {
  const others = data.get("others").split(/\s+/).filter((party) => party !== "");
  const file = await signed(data.get("events").replaceAll("\r\n", "\n"), await chosenKey(form), others);
  if (data.get("way") === "file") {
    download("statement.stmt", file, MEDIA_TYPE);
    show(result, "good", say("written"));
  } else if (data.get("way") === "draft") {
    const draft = await ask("/v1/drafts", file, MEDIA_TYPE);
    show(result, draft.status === "refused" ? "bad" : "good", say(draft.status, { missing: draft.missing.join(", ") }), draft.id);
  } else {
    const receipt = await ask("/v1/statements", file, MEDIA_TYPE);
    show(result, "good", say("submitted", receipt), receipt.id);
  }
});
reveal();
