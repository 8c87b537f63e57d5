// What pages share: their words, files that people choose, and telling what happened.

// Words stand in the page, in its language: <p data-word="…">. Facts fill their braces.
export function say(name, facts = {}) {
  const found = document.querySelector(`#words [data-word="${name}"]`);
  return found.textContent.trim().replace(/\{(\w+)\}/g, (whole, fact) => facts[fact] ?? whole);
}

export const fileOf = async (input) => new Uint8Array(await input.files[0].arrayBuffer());

export function show(element, kind, ...lines) {
  element.replaceChildren(
    ...lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }),
  );
  element.dataset.kind = kind;
  element.hidden = false;
}

// Does what a form asks for; what goes wrong is told where results stand.
export function onSubmit(form, result, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await act(new FormData(form));
    } catch (error) {
      show(result, "bad", say("failed"), error.message);
    } finally {
      button.disabled = false;
    }
  });
}

export function download(name, bytes, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// What is for browsers with scripts is hidden until a module of ours runs.
export function reveal() {
  for (const each of document.querySelectorAll("[data-script]")) each.hidden = false;
}
