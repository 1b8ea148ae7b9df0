import style from "./Asked.module.css";

/** The prompt of a text. */
export function Asked({ prompt }: { prompt: string }) {
  return (
    <section aria-label="Prompt" className={style.asked}>
      <h2>Prompt</h2>
      <div className={`foreign ${style.text}`} dir="auto">
        {prompt}
      </div>
    </section>
  );
}
