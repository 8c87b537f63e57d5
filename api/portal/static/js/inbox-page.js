// A draft of the inbox: signed in this browser, after checking that what is shown is what is signed.

import { utf8 } from "./bytes.js";
import { formatLine } from "./note.js";
import { onSubmit, reveal, say, show } from "./page.js";
import { ask, chosenKey, offerKeys } from "./signing.js";
import { signLine } from "./keystore.js";
import { checkEvents, decodeFile, parseStatement, statementId } from "./statement.js";

const form = document.querySelector("#sign");
const result = document.querySelector("#result");

if (form !== null) {
  await offerKeys(form);
  onSubmit(form, result, async () => {
    const { note, bodies } = decodeFile(utf8(form.elements.statement.value.replaceAll("\r\n", "\n")));
    const statement = parseStatement(note);
    await checkEvents(statement, bodies);
    const told = statement.note.text;
    if ((await statementId(told)) !== form.dataset.draft) throw new Error(say("other"));
    const line = formatLine(await signLine(told, await chosenKey(form)));
    const draft = await ask(`/v1/drafts/${form.dataset.draft}/signatures`, line, "text/plain");
    show(result, draft.status === "refused" ? "bad" : "good", say(draft.status));
    setTimeout(() => location.reload(), 1_500);
  });
  reveal();
}
