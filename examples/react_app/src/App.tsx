import { useState } from "react";
import { Guidance } from "./Guidance";

export function App() {
  const [signedIn, setSignedIn] = useState(false);

  async function signIn() {
    await fetch("/api/sign-in", { method: "POST" });
    setSignedIn(true);
  }

  return signedIn ? <Invoices /> : <button onClick={signIn}>Sign in as Ada</button>;
}

function Invoices() {
  const [sent, setSent] = useState(0);
  const [helped, setHelped] = useState(true);

  async function send() {
    const answer = await fetch("/api/invoices", { method: "POST" });
    setSent((await answer.json()).sent);
    document.dispatchEvent(new Event("guidepath:refresh")); // something that matters has happened
  }

  return (
    <>
      <main>
        <h1>Invoices</h1>
        <p>Sent so far: {sent}</p>
        <button data-guide="send" onClick={send}>
          Send an invoice
        </button>
        <label>
          <input type="checkbox" checked={helped} onChange={() => setHelped(!helped)} /> Guide me
        </label>
      </main>
      {helped && <Guidance />}
    </>
  );
}
