// The little that forms cannot do by themselves.

// A chosen file is shown as text before it is sent.
for (const input of document.querySelectorAll("input[type='file'][data-into]")) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file) document.getElementById(input.dataset.into).value = await file.slice(0, 60_000).text();
  });
}

// Choosing another page asks about it at once.
for (const form of document.querySelectorAll("form[data-go]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// On a small screen the pages are a row that scrolls.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Who becomes somebody else gives back what is shown while the server still knows whose it is, and
// leaves nothing behind that would be sent in the name of the next person.
for (const form of document.querySelectorAll("form[data-leave]")) {
  form.addEventListener("submit", () => {
    document.querySelector("guide-path")?.remove();
    queueMicrotask(forget);
  });
}

function forget() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("guidepath:")) localStorage.removeItem(key);
  }
}
