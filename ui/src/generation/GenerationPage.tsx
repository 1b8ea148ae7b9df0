export function GenerationPage() {
  return <h1>Generation</h1>;
}
