import type { FormEvent } from "react";
import type { Answers, Question } from "/guidepath/client/guidepath.js";
import { type Drawn, useShown } from "./useGuide";

export function Survey({ guide, shown }: Drawn) {
  const { step, words } = shown;
  useShown({ guide, shown });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const answers = answersOf(step.questions, new FormData(event.currentTarget));
    void guide.answer("survey", { answers });
  }

  return (
    <form className="card corner" aria-labelledby="survey-title" onSubmit={send}>
      <h2 id="survey-title">{step.title}</h2>
      {step.questions.map((question) => (
        <Asked key={question.id} question={question} />
      ))}
      <button type="button" onClick={() => guide.answer("close")}>
        {words.close}
      </button>
      <button>{words.done}</button>
    </form>
  );
}

function Asked({ question }: { question: Question }) {
  if (question.type === "text") {
    return (
      <label>
        {question.prompt}
        <textarea name={question.id} required={question.required} maxLength={question.maxLength} />
      </label>
    );
  }
  const type = question.multiple ? "checkbox" : "radio";
  const required = question.required && type === "radio";
  return (
    <fieldset>
      <legend>{question.prompt}</legend>
      {question.low}
      {choices(question).map(({ id, label }) => (
        <label key={id}>
          <input type={type} name={question.id} value={id} required={required} /> {label}
        </label>
      ))}
      {question.high}
    </fieldset>
  );
}

function choices({ type, scale = 5, options = [] }: Question) {
  if (type === "choice") return options;
  const lowest = type === "nps" ? 0 : 1;
  const highest = type === "nps" ? 10 : scale;
  const numbers = Array.from({ length: highest - lowest + 1 }, (_, index) => String(lowest + index));
  return numbers.map((label) => ({ id: label, label }));
}

/** What was filled in, as guidepath wants it; questions left out are left out. */
function answersOf(questions: Question[], form: FormData): Answers {
  const answers: Answers = {};
  for (const { id, type } of questions) {
    const given = form.getAll(id).map(String).filter(Boolean);
    if (given.length === 0) continue;
    if (type === "choice") answers[id] = given;
    else answers[id] = type === "text" ? given[0] : Number(given[0]);
  }
  return answers;
}
