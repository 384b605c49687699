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
