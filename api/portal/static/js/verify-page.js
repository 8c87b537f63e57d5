// The page that verifies a proof file: everything happens in this browser.

import { checkFresh, checkHistoryProof, checkReceivableProof, checkStateProof, kindOf } from "./closingproof.js";
import { fileOf, onSubmit, reveal, say, show } from "./page.js";
import { Policy } from "./policy.js";
import { checkEventProof, checkReceipt } from "./proof.js";

const form = document.querySelector("#verify");
const result = document.querySelector("#result");

const KINDS = {
  event: async (file, policy) => told(await checkEventProof(file, policy)),
  receipt: async (file, policy) => {
    if (form.statement.files.length === 0) throw new Error(say("needs-statement"));
    return told(await checkReceipt(await fileOf(form.statement), file, policy));
  },
  state: async (file, policy) => {
    const state = await checkStateProof(file, policy);
    return [...told({ ...state.closing, bodies: [JSON.stringify(state.leaf)] }), say("as-of", { size: state.logSize })];
  },
  history: async (file, policy) => {
    const { state, events } = await checkHistoryProof(file, policy);
    return [...told({ ...state.closing, bodies: [JSON.stringify(state.leaf)] }), say("complete", { events, subject: state.key })];
  },
  receivable: async (file, policy) => {
    const found = await checkReceivableProof(file, policy);
    checkFresh(found, Date.now());
    const confirmed = found.confirmedFen === null ? say("stated") : say("confirmed", { fen: found.confirmedFen });
    const assigned = found.assignedTo === null ? say("unassigned") : say("assigned", { lender: found.assignedTo });
    return [
      ...told({ ...found.state.closing, bodies: [] }),
      say("owed", { claim: found.claim, contract: found.contract, buyer: found.buyer, provider: found.provider, fen: found.unpaidFen }),
      confirmed,
      assigned,
    ];
  },
};

function told(checked) {
  const facts = { ...checked, recorded: new Date(checked.recordedMs).toISOString(), signers: checked.signers.join(", ") };
  const vouched = checked.replayedBy.length > 0 ? say("replayed", { names: checked.replayedBy.join(", ") }) : say("not-replayed");
  return [say(checked.verdict === "OK" ? "ok" : "unanchored", facts), say("where", facts), vouched, ...checked.bodies];
}

onSubmit(form, result, async () => {
  const written = form.policy.value;
  const policy = written.trim() === "" ? null : await Policy.parse(written.endsWith("\n") ? written : `${written}\n`);
  const file = await fileOf(form.proof);
  const lines = await KINDS[kindOf(file)](file, policy);
  const own = policy !== null && written.trim() === form.policy.dataset.offered.trim();
  if (own) lines.splice(1, 0, say("offered"));
  show(result, policy?.isAnchored ? "good" : "unsure", ...lines);
});

document.querySelector("#policy-file").addEventListener("change", async (event) => {
  form.policy.value = new TextDecoder().decode(await fileOf(event.target));
});
document.querySelector("#take-offered").addEventListener("click", () => {
  form.policy.value = form.policy.dataset.offered;
});
reveal();
